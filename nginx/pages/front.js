// Says on the front page how the service is now. Without an answer the line stays away.
const sentences = {
    ok: ['good', 'All is well: the database and the payment providers answer.'],
    degraded: ['wait', 'A payment provider does not answer at present. The others take payments.'],
    error: ['bad', 'Payments cannot be taken now: the database does not answer.'],
};

fetch('/health').then((answer) => answer.json()).then((health) => {
    const line = document.getElementById('health');

    [line.className, line.textContent] = sentences[health.status];
    line.hidden = false;
}).catch(() => {});
