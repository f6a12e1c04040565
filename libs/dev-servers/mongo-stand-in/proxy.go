package main

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
)

const (
	headerBytes = 16
	// The wire protocol's own limit.
	maxMessageBytes = 48_000_000
	opMsg           = 2013
	// Flag of an OP_MSG to which no reply comes.
	moreToCome = 1 << 1
)

// proxy passes whole messages: each request and its reply have the backend for themselves.
type proxy struct {
	backend string
	turn    sync.Mutex
}

func newProxy(backend string) *proxy {
	return &proxy{backend: backend}
}

func (p *proxy) serve(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go p.pass(client)
	}
}

func (p *proxy) pass(client net.Conn) {
	defer client.Close()
	backend, err := net.Dial("tcp", p.backend)
	if err != nil {
		return
	}
	defer backend.Close()
	for {
		request, err := readMessage(client)
		if err != nil {
			return
		}
		reply, err := p.ask(backend, request)
		if err != nil {
			return
		}
		if _, err := client.Write(reply); err != nil {
			return
		}
	}
}

func (p *proxy) ask(backend net.Conn, request []byte) ([]byte, error) {
	p.turn.Lock()
	defer p.turn.Unlock()
	if _, err := backend.Write(request); err != nil {
		return nil, err
	}
	if !expectsReply(request) {
		return nil, nil
	}
	return readMessage(backend)
}

func expectsReply(request []byte) bool {
	isMsg := binary.LittleEndian.Uint32(request[12:]) == opMsg
	return !isMsg || len(request) < headerBytes+4 || binary.LittleEndian.Uint32(request[headerBytes:])&moreToCome == 0
}

func readMessage(from io.Reader) ([]byte, error) {
	header := make([]byte, headerBytes)
	if _, err := io.ReadFull(from, header); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(header)
	if size < headerBytes || size > maxMessageBytes {
		return nil, errors.New("not a message of the wire protocol")
	}
	message := make([]byte, size)
	copy(message, header)
	_, err := io.ReadFull(from, message[headerBytes:])
	return message, err
}
