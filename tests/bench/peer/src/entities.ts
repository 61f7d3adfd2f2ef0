// The tables. Amounts are whole minor units; ids of orders and payments are texts that sort by time.
import { Column, CreateDateColumn, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, PrimaryGeneratedColumn,
    UpdateDateColumn } from 'typeorm';

const minor = { type: 'bigint', transformer: { to: (value?: number) => value, from: Number } } as const;
const moment = { type: 'timestamptz', precision: 3 } as const;

@Entity('orders')
export class Order {
    @PrimaryColumn('text') id: string;
    @Column('text') ownerId: string;
    @Column(minor) amountMinor: number;
    @Column('text') currency: string;
    @Column('text', { default: '' }) description: string;
    @Column('text', { default: 'open' }) status: 'open' | 'paid';
    @CreateDateColumn(moment) createdAt: Date;
    @UpdateDateColumn(moment) updatedAt: Date;
}

export type PaymentStatus = 'pending' | 'processing' | 'completed' | 'partially_refunded' | 'refunded' | 'failed';

@Entity('payments')
@Index('one_live_payment', ['orderId'], { unique: true, where: `"status" <> 'failed'` })
export class Payment {
    @PrimaryColumn('text') id: string;
    @Index() @ManyToOne(() => Order, { nullable: false }) @JoinColumn({ name: 'orderId' }) order?: Order;
    @Column('text') orderId: string;
    @Column('text') ownerId: string;
    @Column(minor) amountMinor: number;
    @Column('text') currency: string;
    @Column('text', { default: 'pending' }) status: PaymentStatus;
    @Index({ unique: true }) @Column('text', { nullable: true }) sessionId: string | null;
    @Index({ unique: true }) @Column('text', { nullable: true }) intentId: string | null;
    @Column('text', { nullable: true }) checkoutUrl: string | null;
    @Column({ ...minor, default: 0 }) capturedMinor: number;
    @Column({ ...minor, default: 0 }) refundHeldMinor: number;      // refunds that succeeded or may still
    @Column({ ...minor, default: 0 }) refundedMinor: number;
    @CreateDateColumn(moment) createdAt: Date;
    @UpdateDateColumn(moment) updatedAt: Date;
    @Column({ ...moment, nullable: true }) completedAt: Date | null;
}

@Entity('refunds')
export class Refund {
    @PrimaryColumn('text') id: string;
    @Index() @ManyToOne(() => Payment, { nullable: false }) @JoinColumn({ name: 'paymentId' }) payment?: Payment;
    @Column('text') paymentId: string;
    @Column(minor) amountMinor: number;
    @Column('text') currency: string;
    @Column('text', { nullable: true }) reason: string | null;
    @Column('text', { default: 'pending' }) status: 'pending' | 'succeeded' | 'failed';
    @Column('text', { nullable: true }) providerRef: string | null;
    @CreateDateColumn(moment) createdAt: Date;
    @UpdateDateColumn(moment) updatedAt: Date;
}

// The ledger: what a provider moved, once.
@Entity('transactions')
@Index('movement_once', ['providerRef', 'kind'], { unique: true })
export class Transaction {
    @PrimaryGeneratedColumn('identity', { type: 'bigint' }) id: string;
    @Index() @ManyToOne(() => Payment, { nullable: false }) @JoinColumn({ name: 'paymentId' }) payment?: Payment;
    @Column('text') paymentId: string;
    @Column('text') orderId: string;
    @Column('text') kind: 'charge' | 'refund';
    @Column(minor) amountMinor: number;
    @Column('text') currency: string;
    @Column('text', { default: 'stripe' }) provider: string;
    @Column('text') providerRef: string;
    @CreateDateColumn(moment) occurredAt: Date;
}

// What happened to a payment and who did it; other parts of the shop read it.
@Entity('events')
export class PaymentEvent {
    @PrimaryGeneratedColumn('identity', { type: 'bigint' }) id: string;
    @Index() @Column('text') paymentId: string;
    @Column('text') type: string;
    @Column('text') actor: string;
    @Column('jsonb') payload: object;
    @CreateDateColumn(moment) createdAt: Date;
}

@Entity('idempotency_keys')
export class IdempotencyKey {
    @PrimaryColumn('text') principal: string;
    @PrimaryColumn('text') route: string;
    @PrimaryColumn('text') key: string;
    @Column('text') fingerprint: string;
    @Column('text', { nullable: true }) targetId: string | null;    // the payment or refund it began
    @Column('json', { nullable: true }) answer: object | null;      // null: still running
    @Column(moment) lockedUntil: Date;
    @CreateDateColumn(moment) createdAt: Date;
}

// An event of Stripe, stored once with the bytes that were signed.
@Entity('webhook_events')
export class WebhookEvent {
    @PrimaryColumn('text') id: string;
    @Column('text') type: string;
    @Column('bytea') body: Buffer;
    @Column('text', { nullable: true }) paymentId: string | null;
    @CreateDateColumn(moment) receivedAt: Date;
}

export const entities = [Order, Payment, Refund, Transaction, PaymentEvent, IdempotencyKey, WebhookEvent];
