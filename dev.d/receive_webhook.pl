#!/usr/bin/perl
# receive_webhook.pl FOLDER - a shop's receiver in small: takes one webhook on 127.0.0.1, verifies its signature as
# Standard Webhooks says, and answers. FOLDER/port: where it listens. FOLDER/secret: read when the webhook comes.
# FOLDER/received: the webhook, once it was verified. Ends by itself after a minute.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_base64);
use IO::Socket::INET;
use MIME::Base64 qw(decode_base64);

my ($folder) = @ARGV;

alarm 60;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5) or die "no socket: $!\n";
spew('port', $listener->sockport);
while (my $client = $listener->accept) {
    my ($headers, $body) = read_request($client);
    my $good = is_ours($headers, $body);

    print $client $good ? "HTTP/1.1 204 No Content\r\n" : "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n",
        "Connection: close\r\n\r\n";
    close $client;
    next unless $good;
    spew('received', join('', map { "$_: $headers->{$_}\n" } sort grep { /^webhook-/ } keys %$headers) . "\n$body\n");
    exit 0;
}

sub read_request
{
    my ($client) = @_;
    my (%headers, $body);

    while (defined(my $line = <$client>)) {
        last if $line =~ /^\r?\n$/;
        $headers{lc $1} = $2 if $line =~ /^([\w-]+):\s*(.*?)\r?\n$/;
    }
    read $client, $body, $headers{'content-length'} // 0;
    return (\%headers, $body);
}

# The key is what follows whsec_, decoded; one of the signatures must fit, and the time be near.
sub is_ours
{
    my ($headers, $body) = @_;
    my ($id, $at) = @$headers{qw(webhook-id webhook-timestamp)};
    my $key = decode_base64(slurp('secret') =~ s/^whsec_//r);

    return 0 unless defined $id && defined $at && $at =~ /^\d+$/ && abs(time - $at) <= 300;
    my $expected = 'v1,' . hmac_sha256_base64("$id.$at.$body", $key) . '=';
    return grep { $_ eq $expected } split / /, $headers->{'webhook-signature'} // '';
}

sub slurp
{
    open my $file, '<', "$folder/$_[0]" or return '';
    chomp(my $text = <$file> // '');
    return $text;
}

# Whoever waits for the file finds it whole.
sub spew
{
    my ($name, $text) = @_;

    open my $file, '>', "$folder/$name.new" or die "$folder/$name: $!\n";
    print $file $text;
    close $file;
    rename "$folder/$name.new", "$folder/$name";
}
