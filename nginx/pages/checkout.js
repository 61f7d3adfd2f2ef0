// Asks what became of the payment, and shows the part of the page that says so. All texts are in the
// page, in the payer's language; without this script the first part stays, which is true in any case.

// A provider may add its reference to the address; that is our payment id with a hyphen.
const parameters = new URLSearchParams(location.search);
const payment = [parameters.get('payment'), (parameters.get('reference') || '').replace('-', '_')]
    .find((value) => /^pay_[0-9A-HJKMNP-TV-Z]{26}$/.test(value));

const pauseMs = 10000;                          // between two questions
const questions = 9;                            // then a confirmation takes long
let shown = null;
let stream = null;

const isFinal = (state) => state === 'paid' || state === 'not_paid';

const show = (state) => {
    const part = document.querySelector(`section[data-state~="${state}"]`);

    document.querySelectorAll('section').forEach((p) => { p.hidden = p !== part; });
    document.title = part.querySelector('h1').textContent;
};

const note = (state) => {
    if (state !== shown) {
        shown = state;
        show(state);
    }
    if (isFinal(state) && stream) {
        stream.close();
    }
};

// The stream says at once what a question would learn later. It connects again by itself; if the server
// refuses it, the questions go on, and each answer has a ticket for another try.
const listen = (ticket) => {
    if (isFinal(shown) || (stream && stream.readyState !== EventSource.CLOSED)) {
        return;
    }
    stream = new EventSource(`/api/v1/payments/${payment}/events?ticket=${ticket}`);
    stream.onmessage = (event) => note(JSON.parse(event.data).state);
};

const ask = async () => {
    const answer = await fetch(`/checkout/outcome?payment=${payment}`);

    if (answer.ok) {
        const { state, ticket } = await answer.json();

        note(state);
        listen(ticket);
    }
};

// An answer that does not come changes nothing on the page; the next question may be luckier.
const follow = async (asked) => {
    if (!isFinal(shown)) {
        await ask().catch(() => null);
    }
    if (isFinal(shown)) {
        return;
    }
    if (asked < questions) {
        setTimeout(follow, pauseMs, asked + 1);
    } else if (document.querySelector('section[data-state~="confirming"]:not([hidden])')) {
        show('slow');
    }
};

if (payment) {
    follow(0);
}
