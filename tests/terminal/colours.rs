//! Colours: who gets them, and that they are never the only sign.

use expect_test::expect;

use super::stage::CERT;
use super::stage::FULLCHAIN;
use super::stage::arguments;
use super::stage::command;
use super::stage::readable;
use super::stage::terminal;

#[test]
fn a_terminal_gets_colours() {
    let seen = terminal(80).run(&arguments(&["www.shop.example"], &CERT, &[]));
    let seen = readable(&seen.written);
    expect![[r#"
        ‹1›www.shop.example:443‹0›  ‹1›‹31›fails (502)‹0›
          ‹1›‹31›intermediate-missing‹0›: the issuer of CN=www.shop.example is not served:
            CN=Example Issuing CA 1, O=Example Authority (its certificate names where
            that one can be had)
          ‹1›‹36›hint:‹0› Append the certificate of CN=Example Issuing CA 1, O=Example Authority
            to the server's certificate file; it can be had at
            http://aia.authority.example/issuing-1.der. The file that CAs call fullchain
            already holds it.
          ‹2›chain, as served:‹0›
           ‹2›1 ┬‹0› CN=www.shop.example
                 ‹2›until 2026-12-31 (in 38 days)‹0›
             ‹1›‹31›╎‹0› CN=Example Issuing CA 1, O=Example Authority
                 ‹1›‹31›MISSING: it is not served‹0›
          ‹2›only the chain was judged (1 certificate from cert.pem): no address was looked‹0›
            ‹2›up, no handshake made‹0›
    "#]]
    .assert_eq(&seen);
}

#[test]
fn no_color_takes_the_colours_and_nothing_else() {
    let arguments = arguments(&["www.shop.example", "other.example"], &CERT, &[]);
    let coloured = terminal(80).run(&arguments);
    let plain = terminal(80).with("NO_COLOR", "1").run(&arguments);
    assert!(coloured.written.contains('\u{1b}') && !plain.written.contains('\u{1b}'));
    assert_eq!(coloured.screen.screen().contents(), plain.screen.screen().contents());
    let dumb = terminal(80).with("TERM", "dumb").run(&arguments);
    assert_eq!(dumb.written, plain.written);
}

#[test]
fn the_option_outweighs_the_environment_and_that_outweighs_the_terminal() {
    let check = |more| arguments(&["www.shop.example"], &FULLCHAIN, more);
    let has_colour = |written: &str| written.contains('\u{1b}');
    for (variable, value, more, expected) in [
        ("TERM", "xterm", &[][..], true),
        ("NO_COLOR", "1", &["--color=always"], true),
        ("NO_COLOR", "", &[], true),
        ("CLICOLOR", "0", &[], false),
        ("CLICOLOR_FORCE", "1", &["--color", "never"], false),
    ] {
        let seen = terminal(80).with(variable, value).run(&check(more));
        assert_eq!(has_colour(&seen.written), expected, "{variable}={value} {more:?}");
    }
    for (variable, value, more, expected) in [
        ("TERM", "xterm", &[][..], false),
        ("CLICOLOR_FORCE", "1", &[], true),
        ("NO_COLOR", "1", &["--color=always"], true),
    ] {
        let mut command = command(&check(more));
        let output = command.env(variable, value).output().unwrap();
        let written = String::from_utf8(output.stdout).unwrap();
        assert_eq!(has_colour(&written), expected, "piped, {variable}={value} {more:?}");
    }
}
