// A refund: the amount is held before Stripe is asked; two refunds can never give back more than was taken.
import { ConflictException, Injectable, NotFoundException, UnprocessableEntityException } from '@nestjs/common';
import Stripe from 'stripe';
import { DataSource, EntityManager } from 'typeorm';
import { User } from './auth';
import { RefundDto } from './dto';
import { Payment, PaymentEvent, Refund, Transaction } from './entities';
import { answerKey, fingerprint, KeyName, newId, takeKey } from './idempotency';
import { refundView, success } from './views';

@Injectable()
export class RefundService {
    constructor(private readonly database: DataSource, private readonly stripe: Stripe) {}

    async refund(user: User, paymentId: string, key: string, dto: RefundDto): Promise<object> {
        const name: KeyName = { principal: user.sub, route: 'refund', key };
        const begun = await this.database.transaction(manager => this.open(manager, user, paymentId, name, dto));

        if (begun.answer)
            return begun.answer;
        const made = await this.stripe.refunds.create({
            payment_intent: begun.intentId, amount: begun.refund.amountMinor, reason: dto.reason,
            metadata: { refund_id: begun.refund.id, payment_id: paymentId },
        }, { idempotencyKey: `${begun.refund.id}:refund` });
        return this.database.transaction(manager => this.record(manager, user, begun.refund, made, name));
    }

    private async open(manager: EntityManager, user: User, paymentId: string, name: KeyName, dto: RefundDto) {
        const id = newId('ref');
        const taken = await takeKey(manager, name, fingerprint('refund', paymentId, dto), id);

        if (taken.answer)
            return { answer: taken.answer };
        const payment = await manager.findOne(Payment, { where: { id: paymentId }, lock: { mode: 'pessimistic_write' } });
        if (!payment)
            throw new NotFoundException();
        if (!payment.intentId || payment.capturedMinor === 0)
            throw new ConflictException('Nothing was paid.');
        if (taken.targetId)
            return { intentId: payment.intentId, refund: await manager.findOneByOrFail(Refund, { id: taken.targetId }) };
        const left = payment.capturedMinor - payment.refundHeldMinor;
        const amountMinor = dto.amount === undefined ? left : Math.round(dto.amount * 100);
        if (amountMinor > left || amountMinor === 0)
            throw new UnprocessableEntityException(`Only ${left} minor units are left.`);
        const refund = manager.create(Refund, { id, paymentId, amountMinor, currency: payment.currency,
            reason: dto.reason ?? null, status: 'pending' });
        await manager.insert(Refund, refund);
        await manager.update(Payment, paymentId, { refundHeldMinor: payment.refundHeldMinor + amountMinor });
        await manager.insert(PaymentEvent, { paymentId, type: 'refund.created', actor: `user:${user.sub}`,
            payload: { refundId: id, amountMinor } });
        return { intentId: payment.intentId, refund };
    }

    private async record(manager: EntityManager, user: User, refund: Refund, made: Stripe.Refund,
        name: KeyName): Promise<object> {
        const { id, paymentId, amountMinor, currency } = refund;
        const payment = await manager.findOneOrFail(Payment, { where: { id: paymentId },
            lock: { mode: 'pessimistic_write' } });
        const refundedMinor = payment.refundedMinor + amountMinor;

        refund.status = 'succeeded';
        refund.providerRef = made.id;
        await manager.update(Refund, id, { status: 'succeeded', providerRef: made.id });
        await manager.update(Payment, paymentId, { refundedMinor,
            status: refundedMinor >= payment.capturedMinor ? 'refunded' : 'partially_refunded' });
        await manager.insert(Transaction, { paymentId, orderId: payment.orderId, kind: 'refund',
            amountMinor: -amountMinor, currency, providerRef: made.id });
        await manager.insert(PaymentEvent, { paymentId, type: 'refund.succeeded', actor: `user:${user.sub}`,
            payload: { refundId: id, amountMinor, providerRef: made.id } });
        const answer = success(201, refundView(refund));
        await answerKey(manager, name, answer);
        return answer;
    }
}
