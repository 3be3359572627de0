<?php
// php test.php: what is PHP's own. The cases that all languages share are posted by ../receivers_test.go. The vectors
// are webhooks/testdata/vectors.json, or the file that TBC_VECTORS names.
require __DIR__ . '/verify.php';
require __DIR__ . '/seen.php';

$failures = 0;

function same(string $what, mixed $got, mixed $want): void
{
    if ($got !== $want) {
        $GLOBALS['failures']++;
        fprintf(STDERR, "%s: got %s, want %s\n", $what, var_export($got, true), var_export($want, true));
    }
}

// Returns the message of what $call throws.
function thrown(callable $call): string
{
    try {
        $call();
    } catch (Exception $error) {
        return $error->getMessage();
    }
    return 'nothing';
}

$path = getenv('TBC_VECTORS') ?: __DIR__ . '/../../../webhooks/testdata/vectors.json';
$vectors = json_decode(file_get_contents($path), true)['vectors'];
same('there are vectors', count($vectors) >= 80, true);
foreach ($vectors as $v) {
    $body = str_repeat($v['body'], $v['repeat'] ?? 1);
    same($v['name'], verify(implode(',', $v['header']), $body, $v['secrets'], $v['now']), $v['verdict']);
}

$v = $vectors[0];
$ended = verify($v['header'][0] . "\n", $v['body'], $v['secrets'], $v['now']);
same('a line end after the header is no part of its form', $ended, 'malformed');
same('the clock is this machine’s if none is given', verify($v['header'][0], $v['body'], $v['secrets']), 'timestamp');
foreach ([[], [''], ['whsec_a', '']] as $secrets) {
    same('an empty secret is a mistake of the caller', thrown(fn () => verify('t=1', '', $secrets)), 'no signing secret');
}

$folder = sys_get_temp_dir() . '/seen-' . bin2hex(random_bytes(8));
$marks = function () use ($folder): int {
    clearstatcache();
    return array_sum(array_map('filesize', glob("$folder/*")));
};
same('the work runs', once($folder, 'evt_1', fn () => same('the mark is made after the work', $marks(), 0)), true);
same('the mark is made', $marks() > 0, true);
same('the work runs once', once($folder, 'evt_1', fn () => same('again', true, false)), false);
$fail = fn () => throw new RuntimeException('down');
same('a failure is passed on', thrown(fn () => once($folder, 'evt_2', $fail)), 'down');
same('what failed is not remembered', once($folder, 'evt_2', fn () => null), true);
same('an id cannot leave the folder', once($folder, '../../evt_3', fn () => null), true);
same('there is a mark for each event', count(glob("$folder/*")), 3);
array_map('unlink', glob("$folder/*"));
rmdir($folder);

echo $failures === 0 ? "ok\n" : "$failures failed\n";
exit($failures === 0 ? 0 : 1);
