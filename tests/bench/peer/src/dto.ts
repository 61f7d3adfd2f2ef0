// What callers send.
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsNumber, IsNumberString, IsOptional, IsString, Length, Max, Min } from 'class-validator';

export class CheckoutDto {
    @IsOptional() @IsString() @Length(3, 3) currency?: string;
}

export class RefundDto {
    @IsOptional() @IsNumber({ maxDecimalPlaces: 2 }) @Min(0.01) amount?: number;
    @IsOptional() @IsIn(['duplicate', 'fraudulent', 'requested_by_customer'])
    reason?: 'duplicate' | 'fraudulent' | 'requested_by_customer';
}

export class TransactionsDto {
    @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(100) limit: number = 20;
    @IsOptional() @IsNumberString({ no_symbols: true }) cursor?: string;
    @IsOptional() @IsIn(['charge', 'refund']) type?: 'charge' | 'refund';
    @IsOptional() @IsString() provider?: string;
    @IsOptional() @IsString() @Length(3, 3) currency?: string;
    @IsOptional() @IsString() paymentId?: string;
}
