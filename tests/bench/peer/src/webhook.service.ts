// An event of Stripe is stored and applied in one transaction, once per event id.
import { BadRequestException, Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { DataSource, EntityManager } from 'typeorm';
import { Order, Payment, PaymentEvent, Transaction, WebhookEvent } from './entities';

@Injectable()
export class WebhookService {
    constructor(private readonly database: DataSource, private readonly stripe: Stripe) {}

    async receive(body: Buffer | undefined, signature: string | undefined): Promise<object> {
        const event = this.verified(body, signature);

        await this.database.transaction(manager => this.apply(manager, event, body!));
        return { received: true };
    }

    private verified(body: Buffer | undefined, signature: string | undefined): Stripe.Event {
        try {
            return this.stripe.webhooks.constructEvent(body!, signature!, process.env.STRIPE_WEBHOOK_SECRET!);
        } catch {
            throw new BadRequestException('The signature is not Stripe\'s.');
        }
    }

    private async apply(manager: EntityManager, event: Stripe.Event, body: Buffer): Promise<void> {
        const intent = event.type === 'payment_intent.succeeded' ? event.data.object : null;
        const paymentId = intent?.metadata.payment_id ?? null;
        const stored = await manager.createQueryBuilder().insert().into(WebhookEvent)
            .values({ id: event.id, type: event.type, body, paymentId }).orIgnore().returning('id').execute();

        if (stored.raw.length > 0 && intent && paymentId)
            await this.complete(manager, paymentId, intent, event.id);
    }

    private async complete(manager: EntityManager, id: string, intent: Stripe.PaymentIntent,
        eventId: string): Promise<void> {
        const payment = await manager.findOne(Payment, { where: { id }, lock: { mode: 'pessimistic_write' } });

        if (!payment || payment.capturedMinor > 0)
            return;
        if (intent.amount_received !== payment.amountMinor || intent.currency !== payment.currency.toLowerCase())
            throw new BadRequestException('Another amount than the order\'s.');
        await manager.update(Payment, id, { status: 'completed', intentId: intent.id,
            capturedMinor: intent.amount_received, completedAt: new Date() });
        await manager.update(Order, payment.orderId, { status: 'paid' });
        await manager.insert(Transaction, { paymentId: id, orderId: payment.orderId, kind: 'charge',
            amountMinor: intent.amount_received, currency: payment.currency, providerRef: intent.id });
        await manager.insert(PaymentEvent, { paymentId: id, type: 'payment.completed', actor: 'stripe',
            payload: { intentId: intent.id, amountMinor: intent.amount_received, event: eventId } });
    }
}
