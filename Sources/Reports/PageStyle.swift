/// Colours, and how pictures look.
///
/// Operators' time and bytes have a colour each, which are told apart by lightness too.
let pictureStyle = """
    :root{--paper:#ffffff;--soft:#f4f6f9;--line:#d5dbe4;--ink:#18202c;--faint:#596579;\
    --time:#2c6cb3;--sent:#b4642a;--given:#e8f0fa;--told:#eaf5ec;--told-line:#5a9a68;\
    --given-line:#6d97c8;color-scheme:light dark}
    @media (prefers-color-scheme:dark){:root{--paper:#12161c;--soft:#1b212a;--line:#343e4c;\
    --ink:#e5eaf1;--faint:#9dabbd;--time:#6fa9e6;--sent:#e3a066;--given:#1b2b40;--told:#1a3122;\
    --told-line:#5fae73;--given-line:#5d8cc4}}
    @media print{:root{--paper:#ffffff;--soft:#ffffff;--line:#b8c0cc;--ink:#000000;\
    --faint:#444b57;--time:#2c6cb3;--sent:#b4642a;--given:#f0f5fb;--told:#f1f8f2;\
    --told-line:#5a9a68;--given-line:#6d97c8;color-scheme:light}}
    svg{font:12px/1.4 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
    svg text{fill:var(--ink)}
    svg .faint{fill:var(--faint)}
    svg .strong{font-weight:600}
    svg .small{font-size:11px}
    .ground{fill:var(--paper)}
    .time{fill:var(--time)}
    .sent{fill:var(--sent)}
    .track{fill:var(--soft)}
    .rule{stroke:var(--line);fill:none}
    .node{fill:var(--soft);stroke:var(--line)}
    .node.given{fill:var(--given);stroke:var(--given-line)}
    .node.told{fill:var(--told);stroke:var(--told-line)}
    .flow{stroke:var(--faint);fill:none;stroke-width:1.4;opacity:.75}
    .tip{fill:var(--faint)}
    """

/// How pages look: on wide and narrow screens, and on paper, where nothing stays folded.
let pageStyle =
    pictureStyle + """

        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);\
        font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        header,main,footer{max-width:62rem;margin:0 auto;padding:0 1.5rem}
        header{padding-top:2.5rem}
        .kind{margin:0;color:var(--faint);font-size:.82rem;letter-spacing:.06em;\
        text-transform:uppercase}
        h1{margin:.2rem 0 .3rem;font-size:1.9rem;line-height:1.2}
        .purpose{margin:0 0 1rem;font-size:1.08rem}
        nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;margin:1.2rem 0 0;\
        padding:.6rem 0;border-top:1px solid var(--line);border-bottom:1px solid var(--line)}
        a{color:var(--time)}
        section{margin:2.2rem 0}
        h2{margin:0 0 .7rem;font-size:1.28rem;line-height:1.3}
        h3{margin:1.3rem 0 .4rem;font-size:1rem}
        p{margin:.4rem 0}
        ul{margin:.3rem 0;padding-left:1.3rem}
        .faint{color:var(--faint)}
        .facts{display:grid;grid-template-columns:minmax(8rem,13rem) 1fr;gap:.25rem 1.2rem;margin:0}
        .facts dt{color:var(--faint)}
        .facts dd{margin:0;overflow-wrap:anywhere}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.9rem,1fr));gap:.5rem;\
        margin:1.2rem 0 0}
        .tiles div{background:var(--soft);border:1px solid var(--line);border-radius:6px;\
        padding:.5rem .6rem}
        .tiles dt{color:var(--faint);font-size:.8rem}
        .tiles dd{margin:0;font-size:.95rem;font-weight:600;line-height:1.35;\
        white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
        .card{border:1px solid var(--line);border-left:4px solid var(--told-line);\
        border-radius:6px;padding:.7rem 1rem;margin:.8rem 0;break-inside:avoid}
        .card h3{margin:0 0 .2rem}
        .warning{border-left-color:var(--sent)}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;margin:.5rem 0;font-variant-numeric:tabular-nums}
        caption{text-align:left;color:var(--faint);padding:.2rem 0;font-size:.9rem}
        th,td{padding:.28rem .9rem .28rem 0;text-align:left;vertical-align:top;\
        border-bottom:1px solid var(--line)}
        th{font-weight:600;border-bottom-color:var(--faint)}
        th.number,td.number{text-align:right}
        details{margin:.5rem 0}
        summary{cursor:pointer;color:var(--time)}
        figure{margin:.8rem 0}
        figcaption{color:var(--faint);font-size:.9rem}
        svg{display:block;height:auto}
        .cost svg,.phases svg{width:100%;min-width:40rem}
        .flows svg{max-width:100%}
        pre,code{font:.85rem/1.45 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
        pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;\
        padding:.7rem .9rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
        code{overflow-wrap:anywhere}
        footer{color:var(--faint);font-size:.85rem;padding-top:1rem;padding-bottom:2.5rem}
        @media (max-width:40rem){
        header,main,footer{padding-left:1rem;padding-right:1rem}
        h1{font-size:1.5rem}
        .facts{grid-template-columns:1fr;gap:0}
        .facts dd{margin-bottom:.5rem}
        }
        @media print{
        @page{margin:16mm}
        html{font-size:10pt}
        body{font-size:10pt}
        caption{break-after:avoid}
        header,main,footer{max-width:none;padding-left:0;padding-right:0}
        nav{display:none}
        section{margin:1.2rem 0}
        h2,h3{break-after:avoid}
        figure,tr,pre{break-inside:avoid}
        pre{border-color:var(--line)}
        .scroll{overflow:visible}
        .cost svg,.phases svg,.flows svg{min-width:0;max-width:100%}
        details::details-content{display:block;content-visibility:visible;height:auto}
        summary{color:var(--faint);list-style:none}
        }

        """
