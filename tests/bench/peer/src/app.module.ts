import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import Stripe from 'stripe';
import { DataSourceOptions } from 'typeorm';
import { AuthGuard } from './auth';
import { CheckoutService } from './checkout.service';
import { OrdersController, PaymentsController, TransactionsController, WebhooksController } from './controllers';
import { entities, Payment, Transaction } from './entities';
import { RefundService } from './refund.service';
import { WebhookService } from './webhook.service';

export const database: DataSourceOptions = {
    type: 'postgres',
    host: process.env.DATABASE_HOST,                    // a folder: the server's socket
    username: process.env.DATABASE_USER,
    database: process.env.DATABASE_NAME,
    entities,
    poolSize: 16,
    logging: false,
};

function makeStripe(): Stripe {
    const { hostname, port } = new URL(process.env.STRIPE_API_BASE!);

    return new Stripe(process.env.STRIPE_SECRET_KEY!, { host: hostname, port, protocol: 'http' });
}

@Module({
    imports: [TypeOrmModule.forRoot(database), TypeOrmModule.forFeature([Payment, Transaction])],
    controllers: [OrdersController, PaymentsController, TransactionsController, WebhooksController],
    providers: [CheckoutService, RefundService, WebhookService, { provide: Stripe, useFactory: makeStripe },
        { provide: APP_GUARD, useClass: AuthGuard }],
})
export class AppModule {}
