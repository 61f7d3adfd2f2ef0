// Makes openapi.json, the document that is served, from the parts in parts/:
//     npm ci && npm run openapi
// With --check it writes nothing, and fails if openapi.json differs from what the parts say.
//
// The parts are plain OpenAPI with two extensions:
// - A $ref names a place in the finished document: '#/components/schemas/Order' in any part.
// - A response may name its problems instead of headers, content and whole examples:
//       x-problems: { not-found: { detail: There is no such order. } }
//   include/application/problems.def and nginx/pages/errors.texts supply the rest. Members given
//   here win; {} stands for the example in errors.texts. A second example of the same problem
//   has a name that continues after the slug: validation-failed-too-much.
// Each problem is also a response of its own: '#/components/responses/NotFound'.
'use strict';

const { readFileSync, readdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const yaml = require('js-yaml');

// In the order of the paths in the document.
const parts = ['openapi', 'orders', 'payments', 'refunds', 'disputes', 'transactions',
    'reconciliations', 'audit', 'webhooks', 'webhook_endpoints', 'api_keys', 'health', 'shared', 'problems'];

const here = (name) => join(__dirname, name);
const text = (name) => readFileSync(here(name), 'utf8');
const ref = (kind, name) => ({ $ref: `#/components/${kind}/${name}` });
const pascal = (slug) => slug.replace(/(^|-)([a-z])/g, (_, dash, letter) => letter.toUpperCase());

// --- The problems --------------------------------------------------------------------------------

// slug: { status, title, meaning, request, detail, retryable, members }
function readProblems() {
    const row = /^PROBLEM\(\w+,\s*(\d+),\s*"(.+?)",\s*"(.+?)",\s*"(.+?)"\)$/gm;
    const catalogue = text('../../include/application/problems.def').replace(/"\s+"/g, '');
    const more = readErrorTexts();
    const problems = {};

    for (const [, status, slug, title, meaning] of catalogue.matchAll(row)) {
        if (!more[slug]) {
            throw new Error(`nginx/pages/errors.texts says nothing about ${slug}`);
        }
        problems[slug] = { status: Number(status), title, meaning, ...more[slug] };
    }
    if (Object.keys(problems).length !== catalogue.match(/^PROBLEM\(/gm).length) {
        throw new Error('problems.def has a row that bundle.cjs cannot read');
    }
    return problems;
}

// A line without indent is a slug; the indented lines below it are names and values.
function readErrorTexts() {
    const texts = {};

    for (const block of text('../pages/errors.texts').split(/^(?=[a-z])/m).slice(1)) {
        const lines = [...block.matchAll(/^ +(\w+) +(.*)$/gm)];
        const field = Object.fromEntries(lines.map(([, name, value]) => [name, value]));

        texts[block.match(/^.*/)[0]] = {
            request: field.request,
            detail: field.detail,
            retryable: field.retry.startsWith('yes'),
            members: JSON.parse(`{${field.members ?? ''}}`),
        };
    }
    return texts;
}

const problems = readProblems();

function slugOf(name) {
    const slugs = Object.keys(problems).filter((slug) => `${name}-`.startsWith(`${slug}-`));

    if (slugs.length === 0) {
        throw new Error(`x-problems: problems.def has no ${name}`);
    }
    return slugs.reduce((one, other) => (one.length > other.length ? one : other));
}

// The whole example. Without a request of the operation, errors.texts supplies one.
function example(name, { summary, ...own }, request) {
    const slug = slugOf(name);
    const { status, title, detail, retryable, members, ...problem } = problems[slug];
    const [method, instance] = (request ?? problem.request).split(' ');
    const value = {
        type: `https://api.example.com/errors/${slug}`,
        slug, title, status, detail, instance, method,
        timestamp: '2026-11-23T09:15:27.123Z',
        traceId: '0af7651916cd43dd8448eb211c80319c',
        retryable,
        ...(Object.keys(own).length === 0 ? members : own),
    };

    return summary ? { summary, value } : { value };
}

function headersOf(slugs) {
    const headers = { 'X-Request-Id': ref('headers', 'XRequestId') };

    if (slugs.some((slug) => problems[slug].meaning.includes('Retry-After'))) {
        headers['Retry-After'] = ref('headers', 'RetryAfter');
    }
    if (slugs.includes('unauthorized')) {
        headers['WWW-Authenticate'] = ref('headers', 'WwwAuthenticate');
    }
    return headers;
}

// A response with x-problems becomes a whole one.
function response({ description, headers, content, 'x-problems': named, ...rest }, request) {
    if (!named) {
        return { description, headers, content, ...rest };
    }
    const slugs = [...new Set(Object.keys(named).map(slugOf))];
    const examples = Object.entries(named)
        .map(([name, own]) => [name, example(name, own, request)]);

    return {
        description: description ?? slugs.map((slug) => problems[slug].meaning).join(' '),
        headers: { ...headersOf(slugs), ...headers },
        content: {
            ...content,
            'application/problem+json': {
                schema: ref('schemas', 'Problem'),
                examples: Object.fromEntries(examples),
            },
        },
        ...rest,
    };
}

// --- Scopes --------------------------------------------------------------------------------------

// "ORDERS_READ": "orders:read"
const scopes = Object.fromEntries([...text('../../include/domain/scopes.def')
    .matchAll(/^SCOPE\((\w+), "(.+)"\)$/gm)].map(([, constant, name]) => [constant, name]));

// "POST /api/v1/orders": "orders:write". The table in routes.c alone says who needs what.
function readRoutes() {
    const row = /\{ "([A-Z]+)", +"([^"]+)"[^{]*?SCOPE_(\w+),/g;
    const table = text('../../src/infrastructure/api/endpoints/routes.c');

    return Object.fromEntries([...table.matchAll(row)]
        .map(([, method, path, constant]) => [`${method} ${path}`, scopes[constant]]));
}

// An operation without security of its own takes a token, or a key with the scope of its route.
function addScopes(document) {
    const routes = readRoutes();
    const { Scope } = document.components.schemas;
    const names = Object.values(scopes);

    Scope['x-extensible-enum'] = names;
    Scope.description += ` ${names.map((name) => `\`${name}\``).join(', ')}.`;
    for (const [path, , method, operation] of operationsOf(document)) {
        const route = `${method.toUpperCase()} ${path.replace(/{\w+}/g, ':id')}`;

        if (!operation.security) {
            if (!routes[route]) {
                throw new Error(`routes.c has no scope for ${route}`);
            }
            operation.security = [{ bearer: [] }, { apiKey: [routes[route]] }];
            operation.description += ` An API key needs the scope \`${routes[route]}\`.`;
        }
    }
}

// --- The document --------------------------------------------------------------------------------

// Adds the members of a part. A name that two parts have is an error.
function merge(into, from, place = '') {
    for (const [name, value] of Object.entries(from)) {
        if (!(name in into)) {
            into[name] = value;
        } else if (place === '' || place === '/components') {
            merge(into[name], value, `${place}/${name}`);
        } else {
            throw new Error(`${place}/${name} is in two parts`);
        }
    }
    return into;
}

function readParts() {
    const found = readdirSync(here('parts')).map((name) => name.replace('.yaml', ''));

    if (found.sort().join() !== [...parts].sort().join()) {
        throw new Error(`bundle.cjs lists ${parts}, and parts/ has ${found}`);
    }
    // << merges maps. Dates stay text.
    const schema = yaml.CORE_SCHEMA.extend({ implicit: [yaml.types.merge] });

    return parts.map((name) => yaml.load(text(`parts/${name}.yaml`), { schema }))
        .reduce((document, part) => merge(document, part), {});
}

const lookUp = (document, { $ref }) =>
    $ref.slice(2).split('/').reduce((node, name) => node[name], document);

// "GET /api/v1/orders/abc-123": the path with the examples of its parameters.
function requestOf(document, path, item, method) {
    const given = [...item.parameters ?? [], ...item[method].parameters ?? []]
        .map((parameter) => (parameter.$ref ? lookUp(document, parameter) : parameter));
    const filled = path.replace(/{(\w+)}/g,
        (_, name) => given.find((one) => one.name === name).example);

    return `${method.toUpperCase()} ${filled}`;
}

// [path, path item, method, operation]
function operationsOf(document) {
    return Object.entries(document.paths).flatMap(([path, item]) =>
        Object.entries(item).filter(([name]) => name !== 'parameters')
            .map(([method, operation]) => [path, item, method, operation]));
}

function expandResponses(document) {
    const shared = document.components.responses;

    for (const slug of Object.keys(problems)) {
        shared[pascal(slug)] ??= { 'x-problems': { [slug]: {} } };
    }
    for (const name of Object.keys(shared)) {
        shared[name] = response(shared[name]);
    }
    for (const [path, item, method, { responses }] of operationsOf(document)) {
        const request = requestOf(document, path, item, method);

        for (const status of Object.keys(responses).filter((code) => !responses[code].$ref)) {
            responses[status] = response(responses[status], request);
        }
    }
}

// Each problem has a response of its own, but operations use only some of them.
function dropUnusedResponses(document) {
    const { responses } = document.components;
    const paths = JSON.stringify(document.paths);

    for (const name of Object.keys(responses)) {
        if (!paths.includes(`/responses/${name}"`)) {
            delete responses[name];
        }
    }
}

function bundle() {
    const document = readParts();

    document.components.schemas.ProblemType.enum = Object.keys(problems);
    addScopes(document);
    expandResponses(document);
    dropUnusedResponses(document);
    return `${JSON.stringify(document, null, 2)}\n`;
}

const made = bundle();

if (!process.argv.includes('--check')) {
    writeFileSync(here('openapi.json'), made);
} else if (made !== text('openapi.json')) {
    console.error('nginx/docs/openapi.json differs from its parts: npm ci && npm run openapi');
    process.exit(1);
}
