<?php

// Finds the generated classes in client/lib, and Guzzle where Composer has put it or, without Composer, where Debian does.

declare(strict_types=1);

if (file_exists(__DIR__ . '/client/vendor/autoload.php')) {
    require __DIR__ . '/client/vendor/autoload.php';
} else {
    require '/usr/share/php/GuzzleHttp/autoload.php';
}

spl_autoload_register(function (string $class): void {
    $path = __DIR__ . '/client/lib/' . str_replace('\\', '/', substr($class, strlen('TheBigClass\\Client\\'))) . '.php';
    if (str_starts_with($class, 'TheBigClass\\Client\\') && file_exists($path)) {
        require $path;
    }
});
