// Shows this server's own contract, and lets its calls be tried with a key that lives in this page alone.
'use strict'

// A call that would leave this server is not made. The page's Content-Security-Policy says the same once more.
function stayHere(request) {
  if (new URL(request.url, location.href).origin !== location.origin) {
    throw new Error('The explorer calls this server alone.')
  }
  request.credentials = 'omit' // the dashboard's cookie is none of the API's business
  return request
}

function show(contract) {
  // Whatever addresses the contract lists: the calls go to the server that this page came from.
  contract.servers = [{ url: new URL('../../api/v1', location.href).href, description: 'This server.' }]
  SwaggerUIBundle({
    spec: contract,
    domNode: document.getElementById('explorer'),
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: 'list',
    persistAuthorization: false,
    queryConfigEnabled: false, // no ?url=… of somebody else
    requestInterceptor: stayHere,
    validatorUrl: null,
  })
}

fetch('../../openapi.json', { credentials: 'omit' })
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`status ${answer.status}`))))
  .then(show)
  .catch((error) => {
    document.getElementById('state').textContent = `The contract could not be loaded: ${error.message}. Load the page again.`
  })
