// Bearer tokens (HS256) with a role, and the roles that a route lets in.
import { CanActivate, createParamDecorator, ExecutionContext, ForbiddenException, Injectable, SetMetadata,
    UnauthorizedException } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { verify } from 'jsonwebtoken';

export interface User { sub: string; role: 'user' | 'shop' | 'admin' }

export const Roles = (...roles: User['role'][]) => SetMetadata('roles', roles);
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): User =>
    context.switchToHttp().getRequest().user);

@Injectable()
export class AuthGuard implements CanActivate {
    constructor(private readonly reflector: Reflector) {}

    canActivate(context: ExecutionContext): boolean {
        const request = context.switchToHttp().getRequest();
        const roles = this.reflector.get<User['role'][] | undefined>('roles', context.getHandler());

        if (!roles)
            return true;
        request.user = this.read(request.headers.authorization);
        if (!roles.includes(request.user.role))
            throw new ForbiddenException();
        return true;
    }

    private read(header: string | undefined): User {
        if (!header?.startsWith('Bearer '))
            throw new UnauthorizedException();
        try {
            return verify(header.slice(7), process.env.JWT_SECRET!, { algorithms: ['HS256'] }) as unknown as User;
        } catch {
            throw new UnauthorizedException();
        }
    }
}
