// Starts Swagger UI on our own OpenAPI document; says so when Swagger UI was not installed.

// Swagger UI has a dark style, and leaves it to the page when to wear it.
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const followScheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches);

followScheme();
dark.addEventListener('change', followScheme);

if (window.SwaggerUIBundle) {
    window.ui = SwaggerUIBundle({
        url: 'openapi.json',
        dom_id: '#swagger-ui',
        deepLinking: true,
        presets: [SwaggerUIBundle.presets.apis],
        plugins: [PlainPaths],
        layout: 'BaseLayout',
        syntaxHighlight: {theme: 'obsidian'},
        validatorUrl: null,             // nothing leaves this server
        displayRequestDuration: true,
        persistAuthorization: false,    // tokens do not stay in the browser
        tryItOutEnabled: true,
    });
} else {
    document.getElementById('missing').hidden = false;
}
