// Asks what became of the payment, and shows the part of the page that says so. All texts are in the
// page, in the payer's language; without this script the first part stays, which is true in any case.

// A provider may add its reference to the address; that is our payment id with a hyphen.
const parameters = new URLSearchParams(location.search);
const payment = [parameters.get('payment'), (parameters.get('reference') || '').replace('-', '_')]
    .find((value) => /^pay_[0-9A-HJKMNP-TV-Z]{26}$/.test(value));

const waits = [1, 1, 2, 3, 5, 8, 13, 21, 34];   // seconds before each further question

const show = (state) => {
    const part = document.querySelector(`section[data-state~="${state}"]`);

    document.querySelectorAll('section').forEach((p) => { p.hidden = p !== part; });
    document.title = part.querySelector('h1').textContent;
};

const ask = async () => {
    const answer = await fetch(`/checkout/outcome?payment=${payment}`);

    return answer.ok ? (await answer.json()).state : null;
};

// An answer that does not come changes nothing on the page; the next question may be luckier.
const follow = async (asked, last) => {
    const state = await ask().catch(() => null) || last;

    if (state !== last) {
        show(state);
    }
    if (state === 'paid' || state === 'not_paid') {
        return;
    }
    if (asked < waits.length) {
        setTimeout(follow, waits[asked] * 1000, asked + 1, state);
    } else if (document.querySelector('section[data-state~="confirming"]:not([hidden])')) {
        show('slow');
    }
};

if (payment) {
    follow(0, null);
}
