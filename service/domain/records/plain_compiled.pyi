from service.domain.records.plain import keep_plain as keep_plain
