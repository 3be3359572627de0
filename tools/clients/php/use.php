<?php

require __DIR__ . '/autoload.php';

$students = new TheBigClass\Client\Api\StudentsApi(null, (new TheBigClass\Client\Configuration())
    ->setHost(getenv('TBC_URL') . '/api/v1')->setAccessToken(getenv('TBC_KEY')));
for ($cursor = null;;) {
    try {
        $page = $students->listStudents(cursor: $cursor);
    } catch (TheBigClass\Client\ApiException $e) {
        $error = $e->getResponseObject()?->getError();
        if ($error?->getCode() !== 'rate_limited') {
            throw $e;
        }
        sleep($error->getRetryAfterSeconds());
        continue;
    }
    foreach ($page->getData() as $student) {
        echo $student->getEmail(), "\n";
    }
    $cursor = $page->getPagination()->getNextCursor();
    if ($cursor === null) {
        break;
    }
}
