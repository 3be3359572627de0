<?php
// Prints what the guide's verifier says to each of the vectors.
require getcwd() . '/verify.php';

foreach (json_decode(file_get_contents($argv[1]), true)['vectors'] as $v) {
    echo verify(implode(',', $v['header']), str_repeat($v['body'], $v['repeat'] ?? 1), $v['secrets'], $v['now']), "\n";
}
