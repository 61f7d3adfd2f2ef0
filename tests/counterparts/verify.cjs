/*
 * Our signatures, judged by the verifiers that shops install: standardwebhooks and svix from npm.
 *
 * NODE_PATH=.../node_modules node verify.cjs SIGN_WEBHOOK: a line for each case, "ok" or "not ok".
 * The verifiers' clock stands still, so no case depends on how long another took.
 */
const { execFileSync } = require('node:child_process');
const { createHmac } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const verifiers = {
    standardwebhooks: require('standardwebhooks').Webhook,
    svix: require('svix').Webhook,
};
const program = process.argv[2];
const now = 1795394760;
const master = 'a master of at least 32 characters';
const endpoint = 'wep_01KE0000000000000000000001';
const id = 'evt_01KE0000000000000000000001';

Date.now = () => now * 1000;

function sign({ generation = 1, eventId = id, timestamp = now, body }) {
    const [secret, signature] = execFileSync(program, [master, endpoint, generation, eventId, timestamp],
        { input: body, encoding: 'utf8' }).split('\n');

    return { secret, signature };
}

function bodyOf(type, data) {
    return JSON.stringify({ id, type, createdAt: '2026-11-22T10:46:00Z', sequence: 3, data });
}

const body = bodyOf('payment.completed', { id: 'pay_01KE0000000000000000000001', status: 'completed', amountMinor: 9999 });
const good = sign({ body });
const next = sign({ body, generation: 2 });

// A signature that base64url would write otherwise.
function withOtherLetters() {
    for (let i = 0; ; i++) {
        const eventId = `${id}${i}`;
        const made = sign({ body, eventId });

        if (/[+/]/.test(made.signature)) {
            return { id: eventId, signature: made.signature.replaceAll('+', '-').replaceAll('/', '_') };
        }
    }
}

function keyedWithTheText() {
    return 'v1,' + createHmac('sha256', good.secret).update(`${id}.${now}.${body}`).digest('base64');
}

const aged = (seconds) => ({ timestamp: now - seconds, signature: sign({ body, timestamp: now - seconds }).signature });
const milliseconds = now * 1000;
const asymmetric = 'v1a,' + Buffer.alloc(64, 1).toString('base64');

// Name, whether it is accepted, and what differs from a good delivery.
const cases = [
    ['a good delivery', true, {}],
    ['299 s old', true, aged(299)],
    ['301 s old', false, aged(301)],
    ['301 s ahead', false, aged(-301)],
    ['a list joined by commas', false, { signature: `${next.signature},${good.signature}` }],
    ['base64url', false, withOtherLetters()],
    ['milliseconds', false, { timestamp: milliseconds, signature: sign({ body, timestamp: milliseconds }).signature }],
    ['the text of the secret as key', false, { signature: keyedWithTheText() }],
    ['a lone v1a', false, { signature: asymmetric }],
    ['new and old, with the new secret', true, { signature: `${next.signature} ${good.signature}`, secret: next.secret }],
    ['new and old, with the old secret', true, { signature: `${next.signature} ${good.signature}`, secret: good.secret }],
    ['v1a before v1', true, { signature: `${asymmetric} ${good.signature}` }],
    ['a secret without padding', true, { secret: good.secret.replace(/=+$/, '') }],
    ['another body', false, { body: body.replace('9999', '9998') }],
    ['another id', false, { id: id.replace(/1$/, '2') }],
    ['the secret of the next generation', false, { secret: next.secret }],
    ['without a signature', false, { signature: '' }],
];

// Every type that payapi sends, with text that is not ASCII.
const types = [...readFileSync(join(__dirname, '../../include/domain/domain_events.def'), 'utf8')
    .matchAll(/^DOMAIN_EVENT\(\w+, "([^"]+)"\)/gm)].map((match) => match[1]);

for (const type of types) {
    const typed = bodyOf(type, { description: 'Café ☕ 東京 😀' });

    cases.push([type, true, { body: typed, ...sign({ body: typed }) }]);
}

function isAccepted(Webhook, delivery) {
    try {
        const read = new Webhook(delivery.secret).verify(delivery.body, {
            'webhook-id': delivery.id,
            'webhook-timestamp': String(delivery.timestamp),
            'webhook-signature': delivery.signature,
        });

        return read.id === id;
    } catch (error) {
        if (error.name !== 'WebhookVerificationError' && !/timestamp|signature|headers/i.test(error.message)) {
            throw error;
        }
        return false;
    }
}

let bad = types.length < 10 ? 1 : 0;

for (const [verifier, Webhook] of Object.entries(verifiers)) {
    for (const [name, accepted, difference] of cases) {
        const passed = isAccepted(Webhook, { ...good, id, timestamp: now, body, ...difference }) === accepted;

        console.log(`${passed ? 'ok' : 'not ok'} ${verifier}: ${name} is ${accepted ? 'accepted' : 'refused'}`);
        bad += passed ? 0 : 1;
    }
}
process.exit(bad > 0 ? 1 : 0);
