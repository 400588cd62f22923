// Compares requests that were recorded with GitHub's own descriptions: those to its REST interface by Prism, and by the names
// of what they send; those to GraphQL by the schema. Usage: replay.mjs RECORD, where a line is {"method", "target", "body"}.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSchema, parse, validate } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';

const here = dirname(fileURLToPath(import.meta.url));
const descriptions = {
  rest: `${here}/node_modules/@octokit/openapi/generated/api.github.com.json`,
  graphql: `${here}/node_modules/@octokit/graphql-schema/schema.graphql`,
};

function listen(server) {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

async function freePort() {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// Prism in front of a server that answers what GitHub never does: Prism has one thing to say of each answer, which does not
// count, and the rest is about the request.
async function startPrism() {
  const upstream = createServer((request, response) => {
    request.resume();
    response.writeHead(418, { 'content-type': 'application/json' }).end('{}');
  });
  const behind = await listen(upstream);
  const port = await freePort();
  const prism = spawn(
    process.execPath,
    [`${here}/node_modules/.bin/prism`, 'proxy', '--port', port, '--host', '127.0.0.1', descriptions.rest, `http://127.0.0.1:${behind}`],
    { stdio: 'ignore' },
  );
  const address = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 240; tries += 1) {
    if (prism.exitCode !== null) break;
    if (await fetch(`${address}/zen`).then(() => true, () => false)) {
      return { address, stop: () => { prism.kill(); upstream.close(); } };
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  prism.kill();
  throw new Error('Prism does not start');
}

async function faultsOfRest(prism, { method, target, body }) {
  const answer = await fetch(prism.address + target.replace(/^\/api\/v3/, ''), {
    method,
    headers: { authorization: 'Bearer nobody', ...(body === null ? {} : { 'content-type': 'application/json' }) },
    body: body === null ? undefined : JSON.stringify(body),
  });
  await answer.arrayBuffer();
  const said = answer.headers.get('sl-violations') ?? '';
  // Prism always has something to say of that answer: where it is silent, it did not judge.
  if (!said.startsWith('[')) return [said || `no judgement: Prism answers ${answer.status}`];
  const violations = JSON.parse(said);
  return violations.filter(({ location }) => location[0] === 'request')
    .map(({ location, message }) => `${location.join('.')}: ${message}`);
}

// Query parameters and fields of the body that GitHub does not describe. It ignores them without a word, and so does Prism.
function unknownNames(description, { method, target, body }) {
  const resolved = (part) => (part?.$ref ? part.$ref.slice(2).split('/').reduce((value, key) => value[key], description) : part);
  const [path, query = ''] = target.replace(/^\/api\/v3/, '').split('?');
  const parts = path.split('/');
  const isMeant = (template) => template.length === parts.length
    && template.every((part, place) => part.startsWith('{') || part === decodeURIComponent(parts[place]));
  const literals = (template) => template.filter((part) => !part.startsWith('{')).length;
  const [template] = Object.keys(description.paths).filter((known) => method.toLowerCase() in description.paths[known])
    .map((known) => known.split('/')).filter(isMeant).sort((one, other) => literals(other) - literals(one));
  if (!template) return ['GitHub has no such path'];
  const item = description.paths[template.join('/')];
  const operation = item[method.toLowerCase()];
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolved);
  const inQuery = new Set(parameters.filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name));
  const fieldsOf = (schema) => [schema, ...['oneOf', 'anyOf', 'allOf'].flatMap((key) => schema[key] ?? []).map(resolved)]
    .flatMap((variant) => Object.keys(variant.properties ?? {}));
  const inBody = new Set(fieldsOf(resolved(resolved(operation.requestBody)?.content['application/json']?.schema) ?? {}));
  return [
    ...[...new URLSearchParams(query).keys()].filter((name) => !inQuery.has(name)).map((name) => `no query parameter ${name}`),
    ...Object.keys(body ?? {}).filter((name) => !inBody.has(name)).map((name) => `no field ${name} of the body`),
  ];
}

function faultsOfGraphql(schema, { body }) {
  const document = parse(body.query);
  const faults = validate(schema, document);
  if (faults.length > 0) return faults.map(({ message }) => message);
  const [operation] = document.definitions;
  const { errors } = getVariableValues(schema, operation.variableDefinitions, body.variables ?? {});
  return (errors ?? []).map(({ message }) => message);
}

// GitHub names this address itself, in the `Location` of its answer for a repository that was renamed, and describes it nowhere.
const isNamedByGithub = ({ method, target, body }) => method === 'GET' && body === null
  && /^(\/api\/v3)?\/repositories\/\d+$/.test(target);

const isGraphql = ({ target }) => /^(\/api)?\/graphql$/.test(target);

// Whether both validators see what is wrong; one that sees nothing proves nothing.
async function isAwake(prism, description, schema) {
  const misspelt = [
    { method: 'GET', target: '/repos/dev/shop/pulls?stat=open', body: null },
    { method: 'POST', target: '/repos/dev/shop/pulls', body: { title: 'x', head: 'x', base: 'main', drafft: true } },
  ];
  if (misspelt.some((request) => unknownNames(description, request).length === 0)) return false;
  const wrong = [
    { method: 'POST', target: '/repos/dev/shop/pulls', body: { titel: 'x' } },
    { method: 'GET', target: '/repos/dev/shop/no/such/thing', body: null },
  ];
  const mutation = 'mutation($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }';
  const wrongGraphql = [
    { body: { query: mutation.replace('pullRequestId', 'number'), variables: { id: 'x' } } },
    { body: { query: mutation, variables: {} } },
  ];
  for (const request of wrong) if ((await faultsOfRest(prism, request)).length === 0) return false;
  if (wrongGraphql.some((request) => faultsOfGraphql(schema, request).length === 0)) return false;
  return faultsOfGraphql(schema, { body: { query: mutation, variables: { id: 'x' } } }).length === 0;
}

const lines = new Set(readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean));
const requests = [...lines].map((line) => JSON.parse(line)).filter((request) => !isNamedByGithub(request));
const description = JSON.parse(readFileSync(descriptions.rest, 'utf8'));
// GitHub's schema defines two fields twice, which is its own affair.
const schema = buildSchema(readFileSync(descriptions.graphql, 'utf8'), { assumeValidSDL: true });
const prism = await startPrism();
const judged = { rest: 0, graphql: 0 };
const wrong = [];
try {
  if (!await isAwake(prism, description, schema)) throw new Error('the validators accept a request that is wrong');
  for (const request of requests) {
    const kind = isGraphql(request) ? 'graphql' : 'rest';
    const faults = kind === 'graphql'
      ? faultsOfGraphql(schema, request)
      : [...await faultsOfRest(prism, request), ...unknownNames(description, request)];
    judged[kind] += 1;
    if (faults.length > 0) wrong.push(`${request.method} ${request.target} ${JSON.stringify(request.body)}\n  ${faults.join('\n  ')}`);
  }
} finally {
  prism.stop();
}
if (judged.rest === 0 || judged.graphql === 0) wrong.push('too little was recorded: nothing of one of both interfaces');
if (wrong.length > 0) {
  console.error(`requests that GitHub does not describe:\n${wrong.join('\n')}`);
  process.exit(1);
}
console.log(`as GitHub describes them: ${judged.rest} distinct requests, and ${judged.graphql} by GraphQL`);
