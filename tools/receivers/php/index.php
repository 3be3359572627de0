<?php
// The receiver: for php -S, and for FPM behind a web server.
require __DIR__ . '/verify.php';
require __DIR__ . '/seen.php';
require __DIR__ . '/work.php';

const LIMIT = 102400; // as in verify
const STATUS = [
    'body_too_large' => 413, 'no_signature' => 401, 'mismatch' => 401, 'malformed' => 400, 'timestamp' => 400,
];

// A script that dies of an error may answer 200, namely with display_errors on, and then the event never comes again.
// So the answer is a failure until the end has been reached, and warnings are errors.
http_response_code(500);
set_error_handler(function (int $level, string $message): bool {
    if (error_reporting() & $level) {
        throw new ErrorException($message);
    }
    return true; // silenced with @
});
umask(0077); // events hold names and addresses

try {
    [$status, $text] = answer();
} catch (Throwable $error) {
    error_log("event not processed, to be delivered again: {$error->getMessage()}");
    [$status, $text] = [500, 'the event could not be processed'];
}
http_response_code($status);
echo $text; // the sender's delivery log shows it to the owner of the endpoint

// Returns the status and its text. It throws if the event could not be processed.
function answer(): array
{
    if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
        header('Allow: POST');
        return [405, 'deliveries are POST requests'];
    }
    // Outside of what the web server serves, or anybody could fetch the events.
    $data = getenv('TBC_DATA') ?: throw new RuntimeException('TBC_DATA names no folder');
    $body = file_get_contents('php://input', false, null, 0, LIMIT + 1); // never json_encode of what was decoded
    $verdict = verify($_SERVER['HTTP_X_TBC_SIGNATURE'] ?? '', $body, secrets());
    if ($verdict !== 'ok') {
        error_log("refused: $verdict");
        return [STATUS[$verdict], $verdict];
    }
    $event = json_decode($body, true); // null for what is no JSON in UTF-8, a byte order mark included
    foreach (['id', 'type'] as $name) {
        if (!is_array($event) || !is_string($event[$name] ?? null) || $event[$name] === '') {
            error_log('refused: body is not an event');
            return [400, 'body is not an event'];
        }
    }
    once("$data/seen", $event['id'], fn () => work($event));
    return [204, ''];
}

// One secret, or during a change both with a comma between them.
function secrets(): array
{
    return array_map('trim', explode(',', getenv('TBC_WEBHOOK_SECRET') ?: ''));
}
