/* The table of Stripe's currencies. */
#include "stripe_currency.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

static const char known[] =
    " usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp"
    " byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel ghs"
    " gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd"
    " kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok"
    " npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos"
    " srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer"
    " zar zmw ";
static const char zero_decimal[] =
    " bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf ";
static const char three_decimal[] = " bhd jod kwd omr tnd ";
static const char whole_units_times_100[] = " isk ugx ";

static const struct { const char *currency; int64_t amount; } minimums[] = {
    { "usd", 50 },  { "aed", 200 },  { "ars", 50 },  { "aud", 50 },  { "brl", 50 },
    { "cad", 50 },  { "chf", 50 },   { "cop", 50 },  { "czk", 1500 }, { "dkk", 250 },
    { "eur", 50 },  { "gbp", 30 },   { "hkd", 400 }, { "huf", 17500 }, { "idr", 50 },
    { "ils", 50 },  { "inr", 50 },   { "jpy", 50 },  { "krw", 50 },  { "mxn", 1000 },
    { "myr", 200 }, { "nok", 300 },  { "nzd", 50 },  { "php", 50 },  { "pln", 200 },
    { "ron", 200 }, { "rub", 50 },   { "sek", 300 }, { "sgd", 50 },  { "thb", 1000 },
    { "zar", 50 },
};

static bool is_in(const char *list, const char *currency)
{
    char word[6] = " xxx ";

    if (strlen(currency) != 3 || strchr(currency, ' ') != NULL)
        return false;
    memcpy(word + 1, currency, 3);
    return strstr(list, word) != NULL;
}

bool stripe_currency_is_known(const char *currency)
{
    return is_in(known, currency);
}

int stripe_currency_exponent(const char *currency)
{
    if (is_in(zero_decimal, currency))
        return 0;
    return is_in(three_decimal, currency) ? 3 : 2;
}

int64_t stripe_currency_minimum(const char *currency)
{
    for (size_t i = 0; i < sizeof minimums / sizeof minimums[0]; i++)
        if (strcmp(minimums[i].currency, currency) == 0)
            return minimums[i].amount;
    return 1;
}

int64_t stripe_currency_step(const char *currency)
{
    if (is_in(whole_units_times_100, currency))
        return 100;
    return is_in(three_decimal, currency) ? 10 : 1;
}

void stripe_currency_add(struct strbuf *text, int64_t amount, const char *currency)
{
    int     exponent = stripe_currency_exponent(currency);
    int64_t unit = exponent == 0 ? 1 : exponent == 2 ? 100 : 1000;

    strbuf_addf(text, "%" PRId64, amount / unit);
    if (exponent > 0)
        strbuf_addf(text, ".%0*" PRId64, exponent, amount % unit);
    strbuf_add(text, " ");
    for (const char *letter = currency; *letter != '\0'; letter++)
        strbuf_addf(text, "%c", toupper((unsigned char) *letter));
}
