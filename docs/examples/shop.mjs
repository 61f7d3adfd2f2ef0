// What a shop's back end does: an order, a checkout, a redirect, and the question how it ended.
import { setTimeout as sleep } from 'node:timers/promises';
import { signToken } from './sign_token.mjs';

const api = (process.env.PAYAPI_URL ?? 'http://127.0.0.1:3000') + '/api/v1';

async function call(customer, method, path, body, headers) {
    const answer = await fetch(api + path, {
        method,
        headers: { Authorization: `Bearer ${signToken(customer, 'shop')}`, 'Content-Type': 'application/json', ...headers },
        body: body && JSON.stringify(body),
    });
    const document = await answer.json();

    if (!answer.ok) {
        throw new Error(`${document.title}: ${document.detail} (${document.traceId})`);
    }
    return document.data;
}

// The customer presses "Pay". Send the browser to the address that this returns (303 See Other). Pressed
// twice, it returns the same page: the key makes the order once, and an open checkout is given again.
export async function startPayment(customer, order, returnUrl) {
    const path = `/orders/${order.id}`;

    await call(customer, 'POST', '/orders', order, { 'Idempotency-Key': `order-${order.id}` });
    let payment = await call(customer, 'POST', `${path}/checkout`, { returnUrl });
    while (payment.status === 'pending') {                  // 202: the provider's answer is on its way
        await sleep(2000);
        payment = await call(customer, 'GET', `${path}/payment-status`);
    }
    return payment.checkoutUrl;
}

// The customer is back at returnUrl. Deliver when this is true: a visit of that page proves nothing.
export async function isPaid(customer, orderId) {
    const payment = await call(customer, 'GET', `/orders/${orderId}/payment-status`);

    return payment.status === 'completed';
}
