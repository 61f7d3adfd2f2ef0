// Swagger UI for those who hear the page or use no mouse: names, levels and landmarks that it leaves out.

// A link inside a button is reached by neither key nor screen reader; the button opens the operation.
const PlainPaths = ({React}) => ({
    components: {DeepLink: ({text}) => React.createElement('span', null, text)},
});

const missing = [
    ['#servers', {'aria-label': 'Server'}],
    ['.body-param__text', {'aria-label': 'Request body'}],
    ['.examples-select-element', {'aria-label': 'Example'}],
    ['.information-container', {role: 'region', 'aria-label': 'About this API'}],
    ['.schemes-server-container', {role: 'region', 'aria-label': 'Server and token'}],
    ['h3.opblock-tag', {'aria-level': '2'}],
    ['.opblock h4', {'aria-level': '3'}],
    ['.opblock h5', {'aria-level': '4'}],
    ['.models h4', {'aria-level': '2'}],
    ['.modal-ux', {role: 'dialog', 'aria-modal': 'true', 'aria-label': 'Token'}],
    ['.modal-ux h3', {'aria-level': '2'}],
    ['.modal-ux h4', {'aria-level': '3'}],
    ['.close-modal', {'aria-label': 'Close'}],
    ['.modal-ux .authorize', {'aria-label': 'Authorize with this token'}],
    ['.microlight', {tabindex: '0'}],
];

const set = (element, name, value) => {
    if (element.getAttribute(name) !== value) {
        element.setAttribute(name, value);
    }
};

const fillIn = () => {
    missing.forEach(([selector, attributes]) => {
        document.querySelectorAll(selector).forEach((element) => {
            Object.entries(attributes).forEach(([name, value]) => set(element, name, value));
        });
    });
    document.querySelectorAll('[data-param-name] select').forEach((select) => {
        set(select, 'aria-label', select.closest('[data-param-name]').dataset.paramName);
    });
};

new MutationObserver(fillIn).observe(document.getElementById('swagger-ui'), {childList: true, subtree: true});
