<?php

// Loads every generated class, and what each extends and implements: a file that does not parse, a method that does not
// fit its interface, and anything that PHP warns of or calls deprecated ends it.

declare(strict_types=1);

error_reporting(E_ALL);
set_error_handler(function (int $level, string $message, string $file, int $line): never {
    throw new ErrorException($message, 0, $level, $file, $line);
});
require __DIR__ . '/autoload.php';

$folder = __DIR__ . '/client/lib/';
$classes = 0;
foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS)) as $file) {
    $class = 'TheBigClass\\Client\\' . str_replace('/', '\\', substr($file->getPathname(), strlen($folder), -strlen('.php')));
    if (!class_exists($class) && !interface_exists($class)) {
        throw new RuntimeException("{$file->getPathname()} does not hold $class");
    }
    $classes++;
}
if ($classes < 100) {
    throw new RuntimeException("$classes classes, want all models and calls");
}
