// The README's story with the types that openapi-typescript makes of nginx/docs/openapi.json: an
// order, a checkout, its status, a refund. It is compiled, not run: ./dev test openapi
import type { components, operations } from './payapi';

type Problem = components['schemas']['Problem'];
type ProblemType = components['schemas']['ProblemType'];
type Payment = components['schemas']['Payment'];

// What an operation takes, and what it gives when it succeeds.
type Body<Name extends keyof operations> = operations[Name] extends {
    requestBody?: { content: { 'application/json': infer Sent } };
} ? Sent : never;
type Answer<Name extends keyof operations> = {
    [Status in keyof operations[Name]['responses'] & (200 | 201 | 202)]: operations[Name]['responses'][Status] extends {
        content: { 'application/json': infer Given };
    } ? Given : never;
}[keyof operations[Name]['responses'] & (200 | 201 | 202)];

class Refused extends Error {
    constructor(readonly problem: Problem) {
        super(`${problem.title}: ${problem.detail} (${problem.traceId})`);
    }
}

async function call<Name extends keyof operations>(
    token: string, method: 'GET' | 'POST', path: string, body?: Body<Name>, key?: string,
): Promise<Answer<Name>> {
    const headers: Record<string, string> = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };

    if (key !== undefined) {
        headers['Idempotency-Key'] = key;
    }
    const answer = await fetch(`http://127.0.0.1:3000/api/v1${path}`, { method, headers, body: JSON.stringify(body) });

    if (!answer.ok) {
        throw new Refused(await answer.json() as Problem);
    }
    return await answer.json() as Answer<Name>;
}

// --- The story -------------------------------------------------------------------------------------

const order: Body<'createOrder'> = { id: 'first-1', amount: 99.99, currency: 'USD', description: 'Two tickets' };

export async function pay(shop: string): Promise<string | null> {
    const { data: made } = await call<'createOrder'>(shop, 'POST', '/orders', order, 'order-first-1');
    const answer = await call<'checkoutOrder'>(shop, 'POST', `/orders/${made.id}/checkout`,
        { returnUrl: 'https://shop.example.com/thanks' });

    if ('meta' in answer) {                                     // 202: the outcome is not known yet
        const path: string = answer.meta.statusUrl;
        return path;
    }
    return answer.data.checkoutUrl;
}

export async function outcome(shop: string, id: string): Promise<Payment> {
    const { data } = await call<'getPaymentStatus'>(shop, 'GET', `/orders/${id}/payment-status`);

    return data;
}

export async function giveBack(admin: string, payment: Payment, amountMinor: number, key: string): Promise<string> {
    const { data } = await call<'refundPayment'>(admin, 'POST', `/payments/${payment.id}/refund`,
        { amountMinor, reason: 'requested_by_customer' }, key);
    const { data: refunds } = await call<'listRefunds'>(admin, 'GET', `/payments/${payment.id}/refunds`);
    const left: number = refunds.reduce((sum, refund) => sum - refund.amountMinor, payment.capturedAmountMinor);

    return `${data.status}, ${left} left`;
}

// Each slug is a literal; one that a later version adds goes to the end.
export function advice(error: Refused): string {
    switch (error.problem.slug) {
    case 'payment-failed':
        return `Try another card (${error.problem.code ?? 'no code'}).`;
    case 'invalid-amount':
        return `At least ${error.problem.minimumMinor ?? 'a little more'}.`;
    case 'validation-failed':
        return (error.problem.errors ?? []).map((fault) => fault.pointer ?? fault.parameter).join();
    case 'payment-already-processed':
        return 'It is paid.';
    default:
        return error.problem.retryable ? 'Send it again.' : error.problem.detail;
    }
}

// --- What must not compile -------------------------------------------------------------------------

// @ts-expect-error a misspelt slug
export const misspelt: ProblemType = 'payment-already-procesed';
// @ts-expect-error an order without a currency
export const incomplete: Body<'createOrder'> = { amount: 99.99 };
// @ts-expect-error a member that a refund does not have
export const strange: Body<'refundPayment'> = { amountMinor: 100, provider: 'stripe' };
// @ts-expect-error an amount as text
export const textual: Body<'createOrder'> = { amountMinor: '9999', currency: 'USD' };
