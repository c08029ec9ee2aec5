import java.io.IOException;

/** One TLS connection over a socket, whichever way it is driven. */
interface Tls {
    /** Shakes hands; returns when this end believes that the handshake is complete. */
    void handshake() throws IOException;

    /** Starts another handshake on the connection; whether it completes shows while data is read. */
    void renegotiate() throws IOException;

    /** As a server of TLS 1.2: asks for a certificate by another handshake. */
    void demandCertificate() throws IOException;

    void write(byte[] data) throws IOException;

    /** Returns how many bytes were read, -1 at the end. */
    int read(byte[] data) throws IOException;

    /** Says goodbye and closes. */
    void close() throws IOException;

    /** Ends the TCP connection by a reset. */
    void reset() throws IOException;

    /** How many handshakes this end has seen completed. */
    int completed();
}
