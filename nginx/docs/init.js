// Starts Swagger UI on our own OpenAPI document; says so when Swagger UI was not installed.
if (window.SwaggerUIBundle) {
    window.ui = SwaggerUIBundle({
        url: 'openapi.json',
        dom_id: '#swagger-ui',
        deepLinking: true,
        presets: [SwaggerUIBundle.presets.apis],
        layout: 'BaseLayout',
        validatorUrl: null,             // nothing leaves this server
        displayRequestDuration: true,
        persistAuthorization: false,    // tokens do not stay in the browser
        tryItOutEnabled: true,
    });
} else {
    document.getElementById('missing').hidden = false;
}
