// Signs a bearer token for payapi (JWT, HS256) with Node's own crypto. JWT_SECRET is payapi's setting.
import { createHmac } from 'node:crypto';

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

export function signToken(sub, role = 'user', seconds = 3600) {
    const now = Math.floor(Date.now() / 1000);
    const signed = part({ alg: 'HS256', typ: 'JWT' }) + '.' +
        part({ sub, role, iat: now, exp: now + seconds });

    return signed + '.' + createHmac('sha256', process.env.JWT_SECRET).update(signed).digest('base64url');
}
