-- I5: a provider's object belongs to one payment
SELECT provider, named.kind, named.reference, count(*) AS payments
  FROM payapi.payments AS p
 CROSS JOIN LATERAL (VALUES ('ref', p.provider_ref), ('intent', p.provider_intent)) AS named (kind, reference)
 WHERE named.reference IS NOT NULL
 GROUP BY provider, named.kind, named.reference
HAVING count(*) > 1;
