# shellcheck shell=bash
#
# demonstration.sh - one payment, shown step by step. Sourced by ./dev.

answer=''

play_payment()
{
    local order id checkout_url tries=100

    id=demo-$(date +%H%M%S)-$(random_hex 2)
    announce "a demonstration payment"
    bearer=$(run_admin token --sub alice --role shop)
    listen_for_webhook

    request POST /api/v1/orders "{\"id\":\"$id\",\"amount\":99.99,\"currency\":\"USD\",\"description\":\"Demonstration\"}"
    request POST "/api/v1/orders/$id/checkout" '{"currency":"USD"}'
    checkout_url=$(jq -r .data.checkoutUrl <<<"$answer")

    tell "The payer opens the hosted pay page and presses \"Pay\":"
    visit GET "$checkout_url"
    visit POST "$checkout_url/pay"

    tell "The provider's webhook arrives; the shop asks for the outcome:"
    until [[ $(payment_status "$id") == completed ]]; do
        ((--tries > 0)) || die "The payment of order $id did not become completed within 10 s." \
            "$me logs fast and $me logs sandbox show what happened to the webhook."
        sleep 0.1
    done
    request GET "/api/v1/orders/$id/payment-status"
    show_webhook

    # One more order, left open for the reader to pay.
    order=try-$(date +%H%M%S)-$(random_hex 2)
    call POST /api/v1/orders "{\"id\":\"$order\",\"amount\":12.5,\"currency\":\"EUR\"}"
    call POST "/api/v1/orders/$order/checkout" '{}'
    open_page=$(jq -r .data.checkoutUrl <<<"$answer")
}

# A receiver on 127.0.0.1, registered as an endpoint of the shop. Without it (WEBHOOK_ALLOW_NETS forbids loopback
# addresses) the demonstration goes on.
listen_for_webhook()
{
    local endpoint tries=50

    receiver=$(mktemp -d)
    endpoint_id=''
    perl "$checkout/dev.d/receive_webhook.pl" "$receiver" &
    receiver_pid=$!
    until [[ -f $receiver/port ]] || ((--tries < 0)); do
        sleep 0.1
    done
    endpoint=$(run_admin endpoint create --event payment.completed --description 'of ./dev up' \
        "http://127.0.0.1:$(<"$receiver/port")/") || return 0
    endpoint_id=$(jq -r .id <<<"$endpoint")
    (umask 077 && jq -r .secret <<<"$endpoint" >"$receiver/secret")
}

show_webhook()
{
    local tries=150

    if [[ -n $endpoint_id ]]; then
        until [[ -f $receiver/received ]] || ((--tries < 0)); do
            sleep 0.1
        done
        if [[ -f $receiver/received ]]; then
            tell "The shop's webhook endpoint was told too, and the signature is good:
$(sed '/^$/q' "$receiver/received")
$(sed '1,/^$/d' "$receiver/received" | jq "$jq_colour" '.data |= {id, orderId, status, amount, currency}')
"
        else
            tell "The shop's webhook endpoint was told nothing within 15 s: $me logs deliver shows why."
        fi
        run_admin endpoint delete "$endpoint_id" >/dev/null
    fi
    kill "$receiver_pid" 2>/dev/null || true
    wait "$receiver_pid" 2>/dev/null || true
    rm -rf "$receiver"
}

# Sends a request and shows it with its answer. Leaves the answer in $answer.
request()
{
    local method=$1 path=$2 body=${3:-}

    tell "$bold$method $path$plain${body:+
$(jq . "$jq_colour" <<<"$body")}"
    call "$method" "$path" "$body"
    tell "$bold$code$plain
$(jq . "$jq_colour" <<<"$answer" 2>/dev/null || echo "$answer")
"
    [[ $code == 2?? ]] || die "$method $path answered $code." "$me logs fast and $me logs provider show why."
}

call()
{
    local method=$1 path=$2 body=${3:-}

    answer=$(curl -sS -m 40 -w '\n%{http_code}' -X "$method" "http://127.0.0.1:${setting[PORT]}$path" \
        -H "Authorization: Bearer $bearer" ${body:+-H 'Content-Type: application/json' -d "$body"})
    code=${answer##*$'\n'}
    answer=${answer%$'\n'*}
}

visit()
{
    local code

    code=$(curl -sS -m 20 -o /dev/null -w '%{http_code}' -X "$1" "$2")
    tell "$bold$1 $2$plain
$bold$code$plain
"
    [[ $code == [23]?? ]] || die "$1 $2 answered $code." "$me logs sandbox shows why."
}

payment_status()
{
    call GET "/api/v1/orders/$1/payment-status"
    jq -r .data.status <<<"$answer"
}

print_what_to_open()
{
    local base="http://127.0.0.1:${setting[PORT]}"

    say ""
    say "${bold}payapi is running.$plain"
    say "  Start here   $base/"
    say "  API          $base/api/v1"
    say "  Swagger UI   $base/docs"
    if [[ ${setting[STRIPE_API_BASE]} == "$(sandbox_url)" ]]; then
        say "  Pay page     ${open_page:-the checkoutUrl of a checkout} (open: pay it yourself)"
        say "  Sandbox      $(sandbox_url)/ (the offline providers, and how to make them misbehave)"
    else
        say "  Provider     ${setting[STRIPE_API_BASE]} (no demonstration payment there)"
        [[ ! ${setting[STRIPE_SECRET_KEY]} =~ ^sk_test_[0-9a-f]{48}$ ]] ||
            say "               with a key that ./dev made up; to use yours: STRIPE_SECRET_KEY=sk_test_... $me up --no-sandbox"
        say "  Webhooks     stripe listen --forward-to 127.0.0.1:${setting[PORT]}/api/v1/webhooks/stripe"
        say "               prints a secret; set it with: STRIPE_WEBHOOK_SECRET=whsec_... $me up --no-sandbox"
    fi
    say "  Settings     $var/payapi.env"
    if can_sign_tokens; then
        say "  A token      ${bearer:=$(run_admin token --sub alice --role shop)}"
    else
        say "  A token      from whoever has the private key to JWT_PUBLIC_KEY_FILE (${setting[JWT_ALGORITHM]})"
    fi
    say ""
    say "Next:"
    say "  curl -H \"Authorization: Bearer \$($me token)\" $base/api/v1/orders"
    say "  $me status    also: logs, psql, admin invariants, down, help"
}
