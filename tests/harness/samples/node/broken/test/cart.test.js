const test = require('node:test');
const assert = require('node:assert');
const { total } = require('../src/cart.js');

test('adds up', () => assert.equal(total([250, 750], 0), 1000));
