//! The name by which a client is known in its certificate.

use chancery_proto::v1::Client;
use clap::Args;

use crate::mask::Mask;

/// The five kinds of name, of which a client has one. The one that is given takes the place of another.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(super) struct CertificateFields {
    /// The distinguished name in its certificate, as RFC 4514 writes it: CN=billing,O=Example Inc,C=AT
    #[arg(long = "tls-client-auth-subject-dn", value_name = "NAME")]
    subject_dn: Option<String>,
    /// A DNS name in its certificate
    #[arg(long = "tls-client-auth-san-dns", value_name = "HOST")]
    san_dns: Option<String>,
    /// A URI in its certificate
    #[arg(long = "tls-client-auth-san-uri", value_name = "URI")]
    san_uri: Option<String>,
    /// An IP address in its certificate
    #[arg(long = "tls-client-auth-san-ip", value_name = "ADDRESS")]
    san_ip: Option<String>,
    /// A mail address in its certificate
    #[arg(long = "tls-client-auth-san-email", value_name = "ADDRESS")]
    san_email: Option<String>,
}

impl CertificateFields {
    /// Puts what was given into a client.
    pub(super) fn apply(self, client: &mut Client, mask: &mut Mask) {
        let given = [
            ("tls_client_auth_subject_dn", self.subject_dn, &mut client.tls_client_auth_subject_dn),
            ("tls_client_auth_san_dns", self.san_dns, &mut client.tls_client_auth_san_dns),
            ("tls_client_auth_san_uri", self.san_uri, &mut client.tls_client_auth_san_uri),
            ("tls_client_auth_san_ip", self.san_ip, &mut client.tls_client_auth_san_ip),
            ("tls_client_auth_san_email", self.san_email, &mut client.tls_client_auth_san_email),
        ];
        let any = given.iter().any(|(_, text, _)| text.is_some());
        for (path, text, field) in given {
            match text {
                Some(text) => mask.take(path, Some(text), field),
                None if any => mask.empty(path),
                None => {}
            }
        }
    }
}
