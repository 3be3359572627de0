<?php
// t, then v1 and perhaps schemes that are not known yet.
const FORM = '/^t=(0|[1-9][0-9]{0,14})(?:,v1=[0-9a-f]{64}|,(?!t=|v1=)[a-z0-9]+=[!-+\--~]*)+$/D';

// Returns 'ok' or what is wrong. $body is the raw bytes, $now is in Unix seconds.
function verify(string $header, string $body, array $secrets, ?int $now = null): string
{
    if (!$secrets || in_array('', $secrets, true)) {
        throw new InvalidArgumentException('no signing secret');
    }
    if (strlen($body) > 102400) {
        return 'body_too_large';
    }
    if ($header === '') {
        return 'no_signature';
    }
    $formed = strlen($header) <= 1024 && preg_match(FORM, $header, $form) === 1;
    preg_match_all('/,v1=([0-9a-f]{64})/', $header, $sums);
    if (!$formed || !$sums[1]) {
        return 'malformed';
    }
    if (abs(($now ?? time()) - (int) $form[1]) > 300) {
        return 'timestamp';
    }
    $matches = 0;
    foreach ($secrets as $secret) {
        $want = hash_hmac('sha256', "$form[1].$body", $secret);
        foreach ($sums[1] as $received) {
            $matches += (int) hash_equals($want, $received);
        }
    }
    return $matches > 0 ? 'ok' : 'mismatch';
}
