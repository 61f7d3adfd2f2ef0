// The five endpoints, with payapi's paths.
import { BadRequestException, Body, Controller, Get, Headers, HttpCode, NotFoundException, Param, Post, Query, RawBodyRequest,
    Req } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IncomingMessage } from 'node:http';
import { Repository } from 'typeorm';
import { CurrentUser, Roles, User } from './auth';
import { CheckoutService } from './checkout.service';
import { CheckoutDto, RefundDto, TransactionsDto } from './dto';
import { Payment, Transaction } from './entities';
import { RefundService } from './refund.service';
import { paymentView, success, transactionView } from './views';
import { WebhookService } from './webhook.service';

function checkedKey(key: string | undefined): string | undefined {
    if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key))
        throw new BadRequestException('Idempotency-Key is 1 to 255 visible characters.');
    return key;
}

@Controller('api/v1/orders')
export class OrdersController {
    constructor(private readonly checkouts: CheckoutService,
        @InjectRepository(Payment) private readonly payments: Repository<Payment>) {}

    @Post(':id/checkout') @Roles('user', 'shop')
    checkout(@CurrentUser() user: User, @Param('id') id: string, @Headers('idempotency-key') key: string | undefined,
        @Body() dto: CheckoutDto): Promise<object> {
        return this.checkouts.checkout(user, id, checkedKey(key), dto);
    }

    @Get(':id/payment-status') @Roles('user', 'shop')
    async status(@CurrentUser() user: User, @Param('id') orderId: string): Promise<object> {
        const payment = await this.payments.findOne({ where: { orderId, ownerId: user.sub }, order: { id: 'DESC' } });

        if (!payment)
            throw new NotFoundException();
        return success(200, paymentView(payment));
    }
}

@Controller('api/v1/payments')
export class PaymentsController {
    constructor(private readonly refunds: RefundService) {}

    @Post(':id/refund') @Roles('admin')
    refund(@CurrentUser() user: User, @Param('id') id: string, @Headers('idempotency-key') key: string | undefined,
        @Body() dto: RefundDto): Promise<object> {
        if (!checkedKey(key))
            throw new BadRequestException('Idempotency-Key is required.');
        return this.refunds.refund(user, id, key!, dto);
    }
}

@Controller('api/v1/transactions')
export class TransactionsController {
    constructor(@InjectRepository(Transaction) private readonly transactions: Repository<Transaction>) {}

    // Keyset paging: a deep page costs as much as the first.
    @Get() @Roles('admin')
    async list(@Query() query: TransactionsDto): Promise<object> {
        const { limit, cursor, type: kind, provider, currency, paymentId } = query;
        const find = this.transactions.createQueryBuilder('t').orderBy('t.id', 'DESC').take(limit + 1);

        for (const [column, value] of Object.entries({ kind, provider, currency, paymentId }))
            if (value !== undefined)
                find.andWhere(`t.${column} = :${column}`, { [column]: value });
        if (cursor)
            find.andWhere('t.id < :cursor', { cursor });
        const rows = await find.getMany();
        const page = rows.slice(0, limit);
        return success(200, page.map(transactionView),
            { limit, nextCursor: rows.length > limit ? page[page.length - 1].id : null });
    }
}

@Controller('api/v1/webhooks')
export class WebhooksController {
    constructor(private readonly webhooks: WebhookService) {}

    @Post('stripe') @HttpCode(200)
    receive(@Req() request: RawBodyRequest<IncomingMessage>,
        @Headers('stripe-signature') signature: string | undefined): Promise<object> {
        return this.webhooks.receive(request.rawBody, signature);
    }
}
