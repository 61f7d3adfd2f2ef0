// Starts the server: a primary that makes the tables, and a process for each core that serves.
//     PEER_HTTP=express|fastify PORT=... DATABASE_HOST=... node dist/main.js
import 'reflect-metadata';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import cluster from 'node:cluster';
import { DataSource } from 'typeorm';
import { AppModule, database } from './app.module';

async function makeTables(): Promise<void> {
    const source = await new DataSource({ ...database, synchronize: true }).initialize();

    await source.destroy();
}

async function serve(): Promise<void> {
    const options = { rawBody: true, logger: ['error' as const] };
    const app = process.env.PEER_HTTP === 'fastify'
        ? await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), options)
        : await NestFactory.create(AppModule, options);

    app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
    await app.listen(Number(process.env.PORT), '127.0.0.1');
}

async function main(): Promise<void> {
    if (!cluster.isPrimary)
        return serve();
    await makeTables();
    for (let i = 0; i < Number(process.env.PROCESSES ?? 2); i++)
        cluster.fork();
    cluster.on('exit', () => process.exit(1));
    process.on('SIGTERM', () => process.exit(0));       // the workers end with their primary
}

main().catch(error => {
    console.error(error);
    process.exit(1);
});
