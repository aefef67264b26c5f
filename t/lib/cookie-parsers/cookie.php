<?php
// PHP's $_COOKIE. Run by php-cgi with HTTP_COOKIE; writes the value of trek_session in hexadecimal, or "-".
$value = $_COOKIE['trek_session'] ?? null;
echo $value === null ? '-' : bin2hex(is_array($value) ? implode(',', $value) : $value), "\n";
