// What callers get.
import { Payment, Refund, Transaction } from './entities';

export const success = (statusCode: number, data: object, meta?: object) =>
    ({ success: true, statusCode, data, ...(meta && { meta }) });

export const paymentView = (payment: Payment) => ({
    id: payment.id, orderId: payment.orderId, status: payment.status, provider: 'stripe',
    externalId: payment.sessionId, checkoutUrl: payment.checkoutUrl,
    amount: payment.amountMinor / 100, amountMinor: payment.amountMinor, currency: payment.currency,
    refundedMinor: payment.refundedMinor, createdAt: payment.createdAt, updatedAt: payment.updatedAt,
    completedAt: payment.completedAt,
});

export const refundView = (refund: Refund) => ({
    id: refund.id, paymentId: refund.paymentId, status: refund.status, reason: refund.reason,
    amount: refund.amountMinor / 100, amountMinor: refund.amountMinor, currency: refund.currency,
    externalId: refund.providerRef, createdAt: refund.createdAt, updatedAt: refund.updatedAt,
});

export const transactionView = (row: Transaction) => ({
    id: row.id, paymentId: row.paymentId, orderId: row.orderId, type: row.kind, status: 'posted',
    amount: row.amountMinor / 100, amountMinor: row.amountMinor, currency: row.currency,
    provider: row.provider, externalId: row.providerRef, createdAt: row.occurredAt,
});
