<?php

// The conformance script in PHP: the steps of tools/clients/README.md, made with the classes that openapi-generator
// writes from the contract. It prints one line a step, the same as the scripts in the other languages, and stops at the
// first that fails.

declare(strict_types=1);

use TheBigClass\Client\Api\CoursesApi;
use TheBigClass\Client\Api\EnrollmentsApi;
use TheBigClass\Client\Api\StudentsApi;
use TheBigClass\Client\ApiException;
use TheBigClass\Client\Configuration;
use TheBigClass\Client\Model\EnrollmentCreate;
use TheBigClass\Client\Model\StudentCreate;
use TheBigClass\Client\Model\StudentPatch;

require __DIR__ . '/autoload.php';

function configuration(string $key): Configuration
{
    return (new Configuration())->setHost(getenv('TBC_URL') . '/api/v1')->setAccessToken(getenv($key));
}

function students(string $key): StudentsApi
{
    return new StudentsApi(null, configuration($key));
}

/** What came instead of what a step wants. */
function unexpected(mixed ...$what): RuntimeException
{
    return new RuntimeException(json_encode($what));
}

/** Follows the cursors to the end: the students by id, and how many pages they were on. It fails if one comes twice. */
function walk(int $limit): array
{
    $seen = [];
    $cursor = null;
    for ($pages = 1;; $pages++) {
        $page = students('TBC_KEY')->listStudents(limit: $limit, cursor: $cursor);
        foreach ($page->getData() as $student) {
            if (isset($seen[$student->getId()])) {
                throw unexpected($student->getId(), 'comes twice');
            }
            $seen[$student->getId()] = true;
        }
        $cursor = $page->getPagination()->getNextCursor();
        if ($cursor === null) {
            ksort($seen);
            return [$seen, $pages];
        }
    }
}

/** Two walks in pages of ten and of a hundred must see the same. */
function listAll(): string
{
    [$small, $pages] = walk(10);
    [$large] = walk(100);
    if ($pages < 2 || $small !== $large) {
        throw unexpected($pages, count($small), count($large));
    }
    return 'every student once, on two pages or more';
}

/** Makes a student whom nobody has made before, twice, and keeps it for the steps to come. */
function create(): string
{
    global $made;
    $body = new StudentCreate([
        'email' => 'php-' . bin2hex(random_bytes(16)) . '@example.com', 'display_name' => 'Asha Nair', 'phone' => '+919820012345',
    ]);
    [$first, $firstStatus] = students('TBC_KEY')->createStudentWithHttpInfo($body);
    [$again, $againStatus] = students('TBC_KEY')->createStudentWithHttpInfo($body);
    $made = $first->getData();
    if ($firstStatus !== 201 || $againStatus !== 200 || $made->getId() !== $again->getData()->getId()) {
        throw unexpected($firstStatus, $againStatus, $again);
    }
    return '201, then 200 with the same student';
}

/** Clears one member with null and leaves the others out. */
function change(): string
{
    global $made;
    $after = students('TBC_KEY')->updateStudent($made->getId(), (new StudentPatch())->setPhone(null))->getData();
    if ($after->getPhone() !== null || $after->getDisplayName() !== $made->getDisplayName()) {
        throw unexpected($after);
    }
    return 'null clears the phone, and the name stays';
}

function enrol(): string
{
    global $made;
    $course = (new CoursesApi(null, configuration('TBC_KEY')))->listCourses()->getData()[0];
    $body = new EnrollmentCreate(['student_id' => $made->getId(), 'course_id' => $course->getId()]);
    $enrollments = new EnrollmentsApi(null, configuration('TBC_KEY'));
    [$first, $firstStatus] = $enrollments->createEnrollmentWithHttpInfo($body);
    [$again, $againStatus] = $enrollments->createEnrollmentWithHttpInfo($body);
    if ($firstStatus !== 201 || $againStatus !== 200 || $first->getData()->getId() !== $again->getData()->getId()) {
        throw unexpected($firstStatus, $againStatus, $again);
    }
    return '201, then 200 with the same enrollment';
}

/** The error with which a call must end. */
function refusal(int $status, callable $call): array
{
    try {
        throw unexpected($call());
    } catch (ApiException $e) {
        if ($e->getCode() !== $status) {
            throw $e;
        }
        return [$e->getResponseObject()->getError(), array_change_key_case($e->getResponseHeaders())];
    }
}

function invalid(): string
{
    $body = new StudentCreate(['email' => 'nobody', 'display_name' => '']);
    [$error] = refusal(422, fn () => students('TBC_KEY')->createStudent($body));
    $fields = array_map(fn ($detail) => $detail->getField(), $error->getDetails());
    sort($fields);
    return $error->getCode() . ' at ' . implode(' and ', $fields);
}

function forbidden(): string
{
    $body = new StudentCreate(['email' => 'asha@example.com', 'display_name' => 'Asha']);
    [$error] = refusal(403, fn () => students('TBC_READ_KEY')->createStudent($body));
    if (!str_contains($error->getMessage(), 'write:students')) {
        throw unexpected($error);
    }
    return $error->getCode() . ', for want of write:students';
}

function missing(): string
{
    [$error] = refusal(404, fn () => students('TBC_KEY')->getStudent('stu_none'));
    return $error->getCode();
}

/** A key of two calls a minute is refused with the fifth call at the latest, if the minute ends in between. */
function refused(): string
{
    [$error, $headers] = refusal(429, function () {
        for ($call = 0; $call < 5; $call++) {
            students('TBC_LIMITED_KEY')->listStudents();
        }
        return 'five calls passed: give TBC_LIMITED_KEY a limit of two a minute';
    });
    if ((string) $error->getRetryAfterSeconds() !== $headers['retry-after'][0]
        || $headers['x-ratelimit-remaining'][0] !== '0' || (int) $headers['x-ratelimit-limit'][0] < 1) {
        throw unexpected($error, $headers);
    }
    return $error->getCode() . ', Retry-After is retryAfterSeconds, no call remains';
}

/** Short, for one secret: server/docs/guides/verifying-signatures.md has the whole of it. */
function verify(string $signature, string $body, string $secret, int $now): string
{
    if (!preg_match('/\At=(\d{1,15}),v1=([0-9a-f]{64})\z/', $signature, $form)) {
        return 'malformed';
    }
    if (abs($now - (int) $form[1]) > 300) {
        return 'timestamp';
    }
    return hash_equals(hash_hmac('sha256', $form[1] . '.' . $body, $secret), $form[2]) ? 'ok' : 'mismatch';
}

function webhook(): string
{
    $signed = json_decode(file_get_contents('signed-example.json'), true);
    ['signature' => $signature, 'body' => $body, 'secret' => $secret, 'timestamp' => $at] = $signed;
    $changed = $body;
    $changed[intdiv(strlen($body), 2)] = chr(ord($body[intdiv(strlen($body), 2)]) ^ 1);
    $verdicts = [verify($signature, $body, $secret, $at), verify($signature, $changed, $secret, $at), verify($signature, $body, $secret, $at + 600)];
    if ($verdicts !== ['ok', 'mismatch', 'timestamp']) {
        throw unexpected($verdicts);
    }
    return 'taken as signed, refused with a byte changed, refused ten minutes later';
}

$made = null;
$steps = [
    'list' => 'listAll', 'create' => 'create', 'change' => 'change', 'enrol' => 'enrol', '422' => 'invalid',
    '403' => 'forbidden', '404' => 'missing', '429' => 'refused', 'webhook' => 'webhook',
];
foreach ($steps as $name => $step) {
    try {
        echo $name, ': ', $step(), "\n";
    } catch (Throwable $e) {
        fwrite(STDERR, $name . ': ' . $e->getMessage() . "\n");
        exit(1);
    }
}
