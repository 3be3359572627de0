// The conventions of this contract as rules of Redocly, for whoever edits it, here or in a fork.
// Each is named in ../redocly.yaml, where it is switched on. They read the bundle: one file, references resolved.

const RATE_HEADERS = [
  'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset',
  'X-RateLimit-Daily-Limit', 'X-RateLimit-Daily-Remaining', 'X-RateLimit-Daily-Reset',
];
// The event envelope has keys of its own, which the developer page published before there was a convention.
const ENVELOPE = ['id', 'type', 'created_at', 'workspace_id', 'data'];
const ENVELOPE_SNAKES = ['created_at', 'workspace_id', 'previous_attributes'];
const NOTICE_MS = 180 * 24 * 60 * 60 * 1000;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

const typesOf = (schema) => [schema.type].flat().filter((type) => type && type !== 'null');
const lists = (list, names) => names.every((name) => (list ?? []).includes(name));
// Headers are compared as HTTP does; that they are spelled as published is for people to see.
const has = (headers, name) => Object.keys(headers ?? {}).some((key) => key.toLowerCase() === name.toLowerCase());

// Operations of the API itself. Webhooks are operations too, but it is others who answer them.
const operations = (visit) => ({ Paths: { PathItem: { Operation: visit } } });
const answers = (visit) => ({ Paths: { PathItem: { Operation: { Response: visit } } } });

// A key is granted scopes, so that each operation names the ones it needs, and none that cannot be granted.
const oneScopeSet = () => {
  let catalogue = [];
  return {
    Root: (root) => { catalogue = (root['x-scopes'] ?? []).map((entry) => entry.scope); },
    ...operations((operation, { report, location }) => {
      const sets = (operation.security ?? []).map((requirement) => requirement.bearerAuth);
      if (sets.length !== 1 || !sets[0]) {
        report({ message: 'An operation has exactly one set of scopes, under bearerAuth.', location: location.child('security') });
        return;
      }
      for (const scope of sets[0].filter((name) => !catalogue.includes(name))) {
        report({ message: `The scope ${scope} is not in x-scopes.`, location: location.child('security') });
      }
    }),
  };
};

const camelCaseMembers = () => ({
  Schema(schema, { report, location }) {
    const names = Object.keys(schema.properties ?? {});
    const allowed = lists(names, ENVELOPE) ? ENVELOPE_SNAKES : [];
    for (const name of names.filter((member) => !/^[a-z][A-Za-z0-9]*$/.test(member) && !allowed.includes(member))) {
      report({ message: `The member ${name} is not camelCase.`, location: location.child(['properties', name]).key() });
    }
  },
});

// A client has one way to read what went wrong.
const errorEnvelope = () => answers((response, { report, location, key }) => {
  if (/^2|^304$/.test(key)) return;
  const schema = response.content?.['application/json']?.schema;
  if (!schema?.$ref?.endsWith('/ErrorResponse')) {
    report({ message: `The answer ${key} is not the error envelope: application/json with ErrorResponse.`, location });
  }
});

// A list is {data, pagination}, anything else {data}. What is not JSON, such as a stream, is let be.
const dataEnvelope = () => ({
  Paths: {
    PathItem: {
      Operation: {
        enter(operation, { report, location, resolve, key: method }) {
          for (const [status, answer] of Object.entries(operation.responses ?? {})) {
            const reference = status.startsWith('2') && resolve(answer).node?.content?.['application/json']?.schema;
            if (!reference) continue;
            const schema = resolve(reference).node ?? {};
            const data = resolve(schema.properties?.data ?? {}).node ?? {};
            const members = method === 'get' && typesOf(data).includes('array') ? ['data', 'pagination'] : ['data'];
            if (!lists(schema.required, members)) {
              report({ message: `The answer ${status} has to require ${members.join(' and ')}.`, location: location.child(['responses', status]) });
            }
          }
        },
      },
    },
  },
});

const rateHeaders = () => answers((response, { report, location, key }) => {
  for (const name of [...RATE_HEADERS, 'X-Request-Id'].filter((header) => !has(response.headers, header))) {
    report({ message: `The answer ${key} lacks the header ${name}.`, location });
  }
});

const retryAfter = () => answers((response, { report, location, key }) => {
  if (has(response.headers, 'Retry-After') !== (key === '429')) {
    report({ message: `Retry-After belongs to 429 and to nothing else, here: ${key}.`, location });
  }
});

// Whoever stores a string or a list has to know how long it can get. A stream, a body that is not JSON, has no end.
const STREAM = /\/content\/(?!application~1json)[^/]+\/schema$/;
const boundedStrings = () => ({
  Schema(schema, { report, location }) {
    const bounds = ['maxLength', 'enum', 'const', 'format', 'pattern'];
    if (STREAM.test(location.pointer)) return;
    if (typesOf(schema).includes('string') && !bounds.some((bound) => bound in schema)) {
      report({ message: `A string has one of ${bounds.join(', ')}.`, location });
    }
  },
});

const boundedArrays = () => ({
  Schema(schema, { report, location }) {
    if (typesOf(schema).includes('array') && !('maxItems' in schema)) {
      report({ message: 'An array has maxItems.', location });
    }
  },
});

// Client generators have a type of their own called Error, and rename ours.
const noSchemaNamedError = () => ({
  Components(components, { report, location }) {
    if ('Error' in (components.schemas ?? {})) {
      report({ message: 'A schema called Error is renamed by client generators.', location: location.child(['schemas', 'Error']).key() });
    }
  },
});

// oapi-codegen refuses two types, and typed languages have no word for them. Null says only that a value may be missing.
const oneType = () => ({
  Schema(schema, { report, location }) {
    if (typesOf(schema).length > 1) {
      report({ message: `A value has one type, or null: here ${typesOf(schema).join(' and ')}.`, location: location.child('type') });
    }
  },
});

// With this line mock servers stop checking bodies, without a word.
const noDialect = () => ({
  Root(root, { report, location }) {
    if ('jsonSchemaDialect' in root) {
      report({ message: 'jsonSchemaDialect makes mock servers stop checking bodies.', location: location.child('jsonSchemaDialect').key() });
    }
  },
});

// A choice of constants makes generators that stop at OpenAPI 3.0 stumble; x-enumDescriptions says as much.
const plainEnums = () => ({
  Schema(schema, { report, location, resolve }) {
    for (const choice of ['oneOf', 'anyOf'].filter((key) => schema[key]?.length)) {
      if (schema[choice].every((one) => 'const' in (resolve(one).node ?? {}))) {
        report({ message: `Constants are listed as enum with x-enumDescriptions, not as ${choice}.`, location: location.child(choice) });
      }
    }
  },
});

// A POST that was not answered has to be safe to repeat.
const idempotentPost = () => operations((operation, { report, location, resolve, key, parent }) => {
  const parameters = [...(parent?.parameters ?? []), ...(operation.parameters ?? [])].map((one) => resolve(one).node ?? {});
  if (key === 'post' && !parameters.some((one) => one.in === 'header' && one.name === 'Idempotency-Key')) {
    report({ message: 'A POST takes the header Idempotency-Key.', location });
  }
});

const datedDeprecation = (node, { report, location }) => {
  if (node.deprecated !== true) return;
  const dates = [node['x-deprecated-at'], node['x-sunset']];
  if (!dates.every((date) => RFC_3339.test(date))) {
    report({ message: 'What is deprecated has x-deprecated-at and x-sunset, as RFC 3339 times.', location: location.child('deprecated').key() });
  } else if (Date.parse(dates[1]) - Date.parse(dates[0]) < NOTICE_MS) {
    report({ message: 'x-sunset is at least 180 days after x-deprecated-at.', location: location.child('x-sunset') });
  }
};
const datedDeprecations = () => ({
  Operation: datedDeprecation, Parameter: datedDeprecation, Header: datedDeprecation, Schema: datedDeprecation,
});

export default () => ({
  id: 'tbc',
  rules: {
    oas3: {
      'one-scope-set': oneScopeSet,
      'camel-case-members': camelCaseMembers,
      'error-envelope': errorEnvelope,
      'data-envelope': dataEnvelope,
      'rate-headers': rateHeaders,
      'retry-after': retryAfter,
      'bounded-strings': boundedStrings,
      'bounded-arrays': boundedArrays,
      'no-schema-named-error': noSchemaNamedError,
      'one-type': oneType,
      'no-dialect': noDialect,
      'plain-enums': plainEnums,
      'idempotent-post': idempotentPost,
      'dated-deprecations': datedDeprecations,
    },
  },
});
