"""People whom the hospital's directory knows: OpenID Connect and LDAP; what they may follows from their groups."""
