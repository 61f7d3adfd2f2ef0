/* The HTML of the guide, made from the table of control operations. */
#include "guide.h"

#include <string.h>

#include "control_call.h"
#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"

static const char css[] =
    "body{margin:2rem auto;max-width:60rem;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;"
    "color:#1c2333;background:#fff}"
    "h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}"
    "dt{margin-top:1rem}dd{margin:0}"
    "pre{margin:.2rem 0;padding:.5rem .7rem;background:#f4f5f8;border-radius:6px;"
    "overflow-x:auto;font:.85rem/1.5 ui-monospace,monospace}";

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>payapi-sandbox</title>\n<link rel=\"stylesheet\" href=\"" GUIDE_STYLE_PATH "\">\n"
    "</head>\n<body>\n<h1>payapi-sandbox: an offline Stripe and Paystack</h1>\n"
    "<p>No money moves here. Stripe's API lies below <code>/v1/</code>, its payment pages below "
    "<code>/pay/</code>; Paystack's API below <code>/transaction</code>, <code>/refund</code>, "
    "<code>/dispute</code> and <code>/balance</code>, its payment pages below "
    "<code>/checkout/</code>. Both ask for the secret keys that the sandbox was started with.</p>\n"
    "<p>People and tests direct it by the operations below. They take and give JSON; they ask for "
    "no key, because the sandbox listens on loopback only. An unknown member is refused with 400, "
    "an act that is impossible now with 409. In the place of <code>:id</code> goes the id of the "
    "object; a Paystack transaction is named by its reference too. All members are described in "
    "payapi-sandbox(8).</p>\n<dl>\n";

/* The examples stand in single quotes for the shell, so none may contain a single quote. */
static void add_route(struct strbuf *html, const struct control_route *route, const char *url)
{
    struct strbuf line = { 0 };

    if (strcmp(route->method, "GET") == 0)
        strbuf_addf(&line, "curl %s%s", url, route->path);
    else
        strbuf_addf(&line, "curl -X %s %s%s", route->method, url, route->path);
    if (route->body != NULL)
        strbuf_addf(&line, " -d '%s'", route->body);
    strbuf_addf(html, "<dt>%s.</dt>\n<dd><pre>", route->about);
    strbuf_add_html(html, line.bytes);
    strbuf_add(html, "</pre></dd>\n");
    strbuf_free(&line);
}

void guide_answer(const struct world *world, struct exchange *exchange)
{
    struct strbuf html = { 0 };

    strbuf_add(&html, head);
    for (size_t i = 0; i < world->route_count; i++)
        add_route(&html, &world->routes[i], world->stripe->public_url);
    strbuf_add(&html, "</dl>\n</body>\n</html>\n");
    http_answer(&exchange->response, 200, "text/html; charset=utf-8", strbuf_take(&html));
    http_add_header(&exchange->response, "Content-Security-Policy",
                    "default-src 'none'; style-src 'self'; base-uri 'none'; "
                    "frame-ancestors 'none'; form-action 'none'");
    http_add_header(&exchange->response, "X-Content-Type-Options", "nosniff");
    http_add_header(&exchange->response, "Cache-Control", "no-store");
}

void guide_answer_style(struct exchange *exchange)
{
    http_answer(&exchange->response, 200, "text/css; charset=utf-8", alloc_dup(css));
}
