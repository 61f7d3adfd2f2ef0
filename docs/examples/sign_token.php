<?php
// Signs a bearer token for payapi (JWT, HS256) with PHP alone. JWT_SECRET is payapi's setting.
function sign_token(string $sub, string $role = 'user', int $seconds = 3600): string
{
    $part = fn (string $bytes) => rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    $claims = ['sub' => $sub, 'role' => $role, 'iat' => time(), 'exp' => time() + $seconds];
    $signed = $part(json_encode(['alg' => 'HS256', 'typ' => 'JWT'])) . '.' . $part(json_encode($claims));

    return $signed . '.' . $part(hash_hmac('sha256', $signed, getenv('JWT_SECRET'), true));
}
