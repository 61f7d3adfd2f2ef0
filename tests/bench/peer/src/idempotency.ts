// Idempotency-Key: taken in the transaction that writes the intent, answered in the one that writes the outcome.
import { ConflictException, UnprocessableEntityException } from '@nestjs/common';
import { createHash, randomBytes } from 'node:crypto';
import { EntityManager } from 'typeorm';
import { IdempotencyKey } from './entities';

const LEASE_MS = 60_000;

export interface KeyName { principal: string; route: string; key: string }
export interface Taken { answer?: object; targetId?: string }       // an answer: replay it; a target: go on with it

export function fingerprint(...parts: unknown[]): string {
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

// Sorts by time, so that new rows lie at the end of an index.
export function newId(prefix: string): string {
    return `${prefix}_${Date.now().toString(36).padStart(9, '0')}${randomBytes(9).toString('hex')}`;
}

export async function takeKey(manager: EntityManager, name: KeyName, print: string, targetId: string): Promise<Taken> {
    const lockedUntil = new Date(Date.now() + LEASE_MS);
    const inserted = await manager.createQueryBuilder().insert().into(IdempotencyKey)
        .values({ ...name, fingerprint: print, targetId, lockedUntil }).orIgnore().returning('key').execute();

    if (inserted.raw.length > 0)
        return {};
    const held = await manager.findOneOrFail(IdempotencyKey, { where: name });
    if (held.fingerprint !== print)
        throw new UnprocessableEntityException('This key was used for another request.');
    if (held.answer)
        return { answer: held.answer };
    return resume(manager, name, held, lockedUntil);
}

// The request that held the key has died, or is still running.
async function resume(manager: EntityManager, name: KeyName, held: IdempotencyKey, lockedUntil: Date): Promise<Taken> {
    if (held.lockedUntil.getTime() > Date.now())
        throw new ConflictException('A request with this key is running.');
    const { affected } = await manager.update(IdempotencyKey, { ...name, lockedUntil: held.lockedUntil }, { lockedUntil });
    if (affected !== 1)
        throw new ConflictException('A request with this key is running.');
    return { targetId: held.targetId! };
}

export async function answerKey(manager: EntityManager, name: KeyName, answer: object): Promise<void> {
    await manager.update(IdempotencyKey, name, { answer });
}
