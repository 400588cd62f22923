const test = require('node:test');
const assert = require('node:assert');
const { total } = require('../src/cart.js');

test('a coupon takes off its percentage', () => assert.equal(total([1000], 10), 900));
