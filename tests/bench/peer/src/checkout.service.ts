// A checkout: the intent is durable before Stripe is asked, and its outcome is one transaction.
import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import Stripe from 'stripe';
import { DataSource, EntityManager, Not } from 'typeorm';
import { User } from './auth';
import { CheckoutDto } from './dto';
import { Order, Payment, PaymentEvent } from './entities';
import { answerKey, fingerprint, KeyName, newId, Taken, takeKey } from './idempotency';
import { paymentView, success } from './views';

const PAGE_LIFE_S = 23 * 3600;

@Injectable()
export class CheckoutService {
    constructor(private readonly database: DataSource, private readonly stripe: Stripe) {}

    async checkout(user: User, orderId: string, key: string | undefined, dto: CheckoutDto): Promise<object> {
        const name: KeyName | null = key ? { principal: user.sub, route: 'checkout', key } : null;
        const begun = await this.database.transaction(manager => this.open(manager, user, orderId, name, dto));

        if (begun.answer)
            return begun.answer;
        if (begun.payment.status !== 'pending')
            return success(200, paymentView(begun.payment));
        const session = await this.createSession(begun.order, begun.payment);
        return this.database.transaction(manager => this.record(manager, user, begun.payment.id, session, name));
    }

    private async open(manager: EntityManager, user: User, orderId: string, name: KeyName | null, dto: CheckoutDto) {
        const id = newId('pay');
        const taken: Taken = name ? await takeKey(manager, name, fingerprint('checkout', orderId, dto), id) : {};

        if (taken.answer)
            return { answer: taken.answer };
        const order = await manager.findOne(Order, { where: { id: orderId, ownerId: user.sub },
            lock: { mode: 'pessimistic_write' } });
        if (!order)
            throw new NotFoundException();
        const live = await manager.findOne(Payment, { where: { orderId, status: Not('failed') } });
        if (live)
            return { order, payment: live };
        if (order.status === 'paid')
            throw new ConflictException('The order is paid.');
        const payment = manager.create(Payment, { id, orderId, ownerId: user.sub, amountMinor: order.amountMinor,
            currency: order.currency, status: 'pending' });
        await manager.insert(Payment, payment);
        await manager.insert(PaymentEvent, { paymentId: id, type: 'payment.created', actor: `user:${user.sub}`,
            payload: { orderId, amountMinor: order.amountMinor, currency: order.currency } });
        return { order, payment };
    }

    private createSession(order: Order, payment: Payment): Promise<Stripe.Checkout.Session> {
        const metadata = { payment_id: payment.id, order_id: order.id };
        const name = order.description || `Order ${order.id}`;

        return this.stripe.checkout.sessions.create({
            mode: 'payment',
            success_url: 'https://shop.example/checkout/return',
            cancel_url: 'https://shop.example/checkout/cancelled',
            expires_at: Math.floor(payment.createdAt.getTime() / 1000) + PAGE_LIFE_S,
            line_items: [{ quantity: 1, price_data: { currency: order.currency.toLowerCase(),
                unit_amount: order.amountMinor, product_data: { name } } }],
            client_reference_id: order.id,
            metadata,
            payment_intent_data: { metadata },
        }, { idempotencyKey: `${payment.id}:checkout` });
    }

    private async record(manager: EntityManager, user: User, id: string, session: Stripe.Checkout.Session,
        name: KeyName | null): Promise<object> {
        const payment = await manager.findOneOrFail(Payment, { where: { id }, lock: { mode: 'pessimistic_write' } });

        if (payment.status === 'pending') {
            payment.status = 'processing';
            payment.sessionId = session.id;
            payment.checkoutUrl = session.url;
            await manager.update(Payment, id, { status: 'processing', sessionId: session.id, checkoutUrl: session.url });
            await manager.insert(PaymentEvent, { paymentId: id, type: 'payment.processing', actor: `user:${user.sub}`,
                payload: { sessionId: session.id } });
        }
        const answer = success(201, paymentView(payment));
        if (name)
            await answerKey(manager, name, answer);
        return answer;
    }
}
