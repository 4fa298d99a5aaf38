// Serves TLS with Go's own library: `server ADDRESS CERTIFICATES KEY [OPTION=VALUE]...`.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log"
	"net"
	"os"
	"strings"
)

func main() {
	options := map[string]string{}
	for _, word := range os.Args[4:] {
		name, value, _ := strings.Cut(word, "=")
		options[name] = value
	}
	listener, err := tls.Listen("tcp", os.Args[1], configured(os.Args[2], os.Args[3], options))
	if err != nil {
		log.Fatal(err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go answer(connection)
	}
}

func configured(certificates string, key string, options map[string]string) *tls.Config {
	certificate, err := tls.LoadX509KeyPair(certificates, key)
	if err != nil {
		log.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	// The version by default is 1.2.
	switch options["versions"] {
	case "1.0":
		config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
	case "1.2":
		config.MaxVersion = tls.VersionTLS12
	case "1.3":
		config.MinVersion = tls.VersionTLS13
	}
	if options["suites"] == "chacha20" {
		config.CipherSuites = []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
			tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		}
	}
	if options["groups"] == "p521" {
		config.CurvePreferences = []tls.CurveID{tls.CurveP521}
	}
	if options["clients"] != "" {
		pem, err := os.ReadFile(options["authorities"])
		if err != nil {
			log.Fatal(err)
		}
		config.ClientCAs = x509.NewCertPool()
		config.ClientCAs.AppendCertsFromPEM(pem)
		config.ClientAuth = map[string]tls.ClientAuthType{
			"requested": tls.VerifyClientCertIfGiven,
			"required":  tls.RequireAndVerifyClientCert,
		}[options["clients"]]
	}
	// With this option, every name but the one of `knows` is unknown; `-` is a hello without one.
	knows := func(hello *tls.ClientHelloInfo) bool {
		if hello.ServerName == "" {
			return options["knows"] == "-"
		}
		return hello.ServerName == options["knows"]
	}
	unknown := errors.New("no certificate for this name")
	switch options["unknown"] {
	case "nil":
		config.Certificates = nil
		config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if knows(hello) {
				return &certificate, nil
			}
			return nil, nil
		}
	case "error":
		config.Certificates = nil
		config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if knows(hello) {
				return &certificate, nil
			}
			return nil, unknown
		}
	case "config-error":
		config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if knows(hello) {
				return nil, nil
			}
			return nil, unknown
		}
	}
	return config
}

func answer(connection net.Conn) {
	defer connection.Close()
	lines := bufio.NewReader(connection)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		if line == "\r\n" {
			break
		}
	}
	connection.Write([]byte("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"))
}
