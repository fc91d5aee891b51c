extension Cause {
  struct Words {
    var sentence: String
    var fix: String

    init(_ sentence: String, _ fix: String) { (self.sentence, self.fix) = (sentence, fix) }
  }

  func words(_ language: Language) -> Words {
    switch language {
    case .english: english
    case .chinese: chinese
    }
  }
}

extension Cause {
  fileprivate var english: Words {
    switch self {
    case .neverHeard:
      Words(
        "Nothing has ever arrived from this device.",
        "Enter our address, port and platform code in its menu, check its network and power, and let UDP and TCP on the SIP port through every firewall."
      )
    case .challengeIgnored:
      Words(
        "The device asked {times} times to register and never answered the question for its password.",
        "Set a password in the device. If it has one, our answers do not reach it: check the way back, or let it register over TCP."
      )
    case .waitsForApproval:
      Words(
        "The device wants to register, but nobody has admitted it.",
        "Approve it in the quarantine list and give it a password.")
    case .wrongPassword:
      Words(
        "The device signs in with a password that is not the one set here.",
        "Enter the same password in the device and here. Mind blanks and similar letters.")
    case .wrongUser:
      Words(
        "The device signs in with a user name that is neither its code nor the alias set here.",
        "Set its SIP user name to its code, or enter that name as its alias here.")
    case .noCredential:
      Words(
        "The device is known here, but without a password, so it cannot register.",
        "Set a password for it.")
    case .lockedOut:
      Words(
        "Too many wrong attempts came from this device or its address; further ones are refused for a minute.",
        "Correct the password in the device and wait a minute.")
    case .wrongRealm:
      Words(
        "The device signs in for the domain {theirs}; ours is {ours}.",
        "Set the SIP domain in the device to {ours}.")
    case .wrongPlatformCode:
      Words(
        "The device registers at the platform {theirs}; this one is {ours}.",
        "Set the platform (server) code in the device to {ours}.")
    case .saidGoodbye:
      Words(
        "The device signed off by itself.",
        "Switch GB/T 28181 on again in its menu, or restart it.")
    case .silent:
      Words(
        "The device was registered and has not been heard for {minutes} minutes.",
        "Check its power and network. It registers again by itself.")
    case .flapping:
      Words(
        "The device went away and came back {times} times within an hour.",
        "Compare its heartbeat interval with the {interval} s that are expected here, and check its network for loss."
      )
    case .twoDevicesOneCode:
      Words(
        "Registrations with this code come in turn from {hosts} addresses: two devices may have the same code.",
        "Give each device a code of its own. If it is one device with two networks, switch one of them off.")
    case .clockWrong:
      Words(
        "The clock of the device is off by {seconds} s.",
        "Let it take its time from the platform (GB/T 28181) or from NTP; otherwise its recordings are found at the wrong moment."
      )
    case .oneWaySignalling:
      Words(
        "We hear the device, but it does not answer what we send to {address}.",
        "A router between us changes or drops SIP: switch its SIP ALG off, or let the device register over TCP."
      )
    case .catalogUnanswered:
      Words(
        "The device takes our question for its channels and does not answer it.",
        "Check that channels are assigned to the platform in its menu; some devices answer only after a restart."
      )
    case .catalogEmpty:
      Words(
        "The device says that it has no channels.",
        "Enable or number the channels for GB/T 28181 in its menu.")
    case .catalogIncomplete:
      Words(
        "{arrived} of {announced} announced channels arrived.",
        "Refresh the catalog. If it stays so, the device counts disabled channels, or parts get lost: let it register over TCP."
      )
    case .catalogDamaged:
      Words(
        "{broken} items of its catalog could not be read and were set aside; the rest is here.",
        "See the ladder for what is wrong in them, mostly a character that breaks the XML in a name or address."
      )
    case .callUnanswered:
      Words(
        "The device did not answer the call.",
        "It may be restarting or overloaded. Try again; if it stays so, restart it.")
    case .ringsForEver:
      Words(
        "The device began to work on the call (100) and never finished.",
        "The camera behind it may not answer it. Check the camera on the recorder itself.")
    case .busy:
      Words(
        "The device cannot send more streams at once (486).",
        "End another view of it, here or on another platform, or raise its limit of connections.")
    case .channelUnknown:
      Words(
        "The device does not know a channel with this code (404).",
        "Refresh the catalog; the channel was renumbered or removed in the device.")
    case .cameraOffline:
      Words(
        "The recorder is reachable, but the camera behind it is not ({status}).",
        "Check the camera's power, its cable and its password in the recorder.")
    case .callForbidden:
      Words(
        "The device refuses this platform ({status}).",
        "Check in its menu which platforms may see this channel.")
    case .mediaRefused:
      Words(
        "The device cannot send the way we asked for ({status}).",
        "Fix another media transport for it (UDP, TCP passive, TCP active), or choose another stream.")
    case .deviceError:
      Words(
        "The device failed on the call ({status}).",
        "Restart it; if it stays so, ask its maker with the messages below.")
    case .answerWithoutMedia:
      Words(
        "The device accepted the call without saying where its media comes from, and none came.",
        "Update its firmware, or fix another media transport for it.")
    case .noResources:
      Words(
        "This platform has no free {what}.",
        "Close some streams or raise the limit.")
    case .unreachableAddress:
      Words(
        "We told the device to send to {ours}, which it cannot reach from {theirs}.",
        "Set “advertise” to the address by which devices reach this platform.")
    case .mediaBlocked:
      Words(
        "The device accepted the call, but nothing reached {address} port {port}.",
        "Let UDP and TCP {port} through to this machine, without mapping it to another number.")
    case .connectionFailed:
      Words(
        "No media connection came about on port {port} ({error}).",
        "Let TCP {port} through. If the device cannot connect, fix “TCP active” or UDP for it.")
    case .mediaFromElsewhere:
      Words(
        "Media comes from {address}, a machine that the call is not with; it is refused.",
        "If the device really sends from there, let it register from that address or name it in its SDP.")
    case .wrongStreamNumber:
      Words(
        "The device sends with the stream number {number}, which belongs to no call.",
        "It repeats a call that is over: restart it, or switch to TCP.")
    case .heavyLoss:
      Words(
        "{percent} % of the packets are lost on the way.",
        "Use TCP for this device, choose its sub-stream, or mend the network.")
    case .mediaStopped:
      Words(
        "Pictures came and then stopped.",
        "Check the line of the camera. The platform calls it again by itself.")
    case .hungUp:
      Words(
        "The device ended the stream.",
        "It may limit the time or the number of views; see its menu.")
    case .encrypted:
      Words(
        "The device sends an encrypted or fileprivate stream ({what}).",
        "Switch stream encryption and fileprivate streams off in the device.")
    case .unsupportedCodec:
      Words(
        "The device sends {what}, which cannot be shown.",
        "Set its video to H.264 or H.265 and its sound to G.711 or AAC.")
    case .noKeyFrame:
      Words(
        "{packets} packets arrived, but no key frame to begin with.",
        "Shorten the key frame interval in the device (two seconds are usual).")
    case .notAStream:
      Words(
        "{packets} packets arrived that hold no stream of this standard.",
        "Check that nothing else sends to the media port and that the device sends PS over RTP.")
    case .transcodingFull:
      Words(
        "This browser cannot show H.265, and no more conversions are allowed now.",
        "Use a browser with H.265, close another converted view, or choose an H.264 sub-stream.")
    }
  }
}

extension Cause {
  fileprivate var chinese: Words {
    switch self {
    case .neverHeard:
      Words(
        "从未收到该设备的任何消息。",
        "在设备菜单中填写本平台的地址、端口和平台编码，检查设备供电与网络，并在防火墙上放行 SIP 端口的 UDP 和 TCP。")
    case .challengeIgnored:
      Words(
        "设备请求注册 {times} 次，但从未回应密码质询。",
        "在设备中设置密码；若已设置，则是平台的应答未能到达设备：检查回程网络，或让设备使用 TCP 注册。"
      )
    case .waitsForApproval:
      Words(
        "设备请求注册，但尚未被批准接入。",
        "在待审列表中批准该设备并设置密码。")
    case .wrongPassword:
      Words(
        "设备的注册密码与平台设置的不一致。",
        "在设备和平台上填写相同的密码，注意空格和形近字符。")
    case .wrongUser:
      Words(
        "设备使用的 SIP 用户名既不是其编码，也不是平台设置的别名。",
        "把设备的 SIP 用户名改为设备编码，或在平台上将该用户名设为别名。")
    case .noCredential:
      Words(
        "平台已登记该设备但未设置密码，因此无法注册。",
        "为该设备设置密码。")
    case .lockedOut:
      Words(
        "该设备或其地址的错误尝试过多，一分钟内将被拒绝。",
        "更正设备密码后等待一分钟。")
    case .wrongRealm:
      Words(
        "设备使用的域是 {theirs}，本平台的域是 {ours}。",
        "将设备中的 SIP 域改为 {ours}。")
    case .wrongPlatformCode:
      Words(
        "设备注册的平台编码是 {theirs}，本平台是 {ours}。",
        "将设备中的平台（服务器）编码改为 {ours}。")
    case .saidGoodbye:
      Words(
        "设备主动注销了。",
        "在设备菜单中重新启用 GB/T 28181，或重启设备。")
    case .silent:
      Words(
        "设备曾注册成功，但已有 {minutes} 分钟没有任何消息。",
        "检查设备供电与网络，恢复后会自动重新注册。")
    case .flapping:
      Words(
        "设备在一小时内离线又上线 {times} 次。",
        "核对设备心跳周期与平台的 {interval} 秒是否一致，并检查网络丢包。")
    case .twoDevicesOneCode:
      Words(
        "该编码的注册交替来自 {hosts} 个地址：可能有两台设备使用了同一编码。",
        "为每台设备分配唯一编码；若是同一设备的双网卡，请停用其中一个。")
    case .clockWrong:
      Words(
        "设备时钟偏差 {seconds} 秒。",
        "让设备从平台（GB/T 28181）或 NTP 校时，否则其录像时间将对不上。")
    case .oneWaySignalling:
      Words(
        "能收到设备消息，但设备不回应发往 {address} 的请求。",
        "中间的路由器可能改写或丢弃 SIP：关闭 SIP ALG，或让设备使用 TCP 注册。")
    case .catalogUnanswered:
      Words(
        "设备收到目录查询但未应答。",
        "检查设备菜单中是否已向平台推送通道；部分设备需重启后才应答。")
    case .catalogEmpty:
      Words(
        "设备应答的目录为空。",
        "在设备菜单中为通道启用 GB/T 28181 并分配编码。")
    case .catalogIncomplete:
      Words(
        "应有 {announced} 个通道，只收到 {arrived} 个。",
        "刷新目录；若仍不全，可能是设备把停用通道也计入，或分包丢失：请让设备使用 TCP 注册。")
    case .catalogDamaged:
      Words(
        "目录中有 {broken} 条无法解析，已单独搁置，其余已入库。",
        "在信令梯形图中查看原因，多为名称或地址中的字符破坏了 XML。")
    case .callUnanswered:
      Words(
        "设备没有应答呼叫。",
        "设备可能正在重启或过载，请重试；仍无应答时重启设备。")
    case .ringsForEver:
      Words(
        "设备回了 100 后再无最终应答。",
        "其后端摄像机可能没有回应，请在录像机本机检查该摄像机。")
    case .busy:
      Words(
        "设备无法再发送更多码流（486）。",
        "关闭其他正在观看该设备的会话（本平台或其他平台），或提高设备的连接数上限。")
    case .channelUnknown:
      Words(
        "设备不认识该通道编码（404）。",
        "刷新目录；该通道在设备上可能已改号或删除。")
    case .cameraOffline:
      Words(
        "录像机在线，但其后的摄像机不可用（{status}）。",
        "检查摄像机的供电、线路以及录像机中保存的摄像机密码。")
    case .callForbidden:
      Words(
        "设备拒绝本平台的请求（{status}）。",
        "在设备菜单中检查哪些平台有权访问该通道。")
    case .mediaRefused:
      Words(
        "设备不接受所请求的媒体方式（{status}）。",
        "为该设备固定另一种媒体传输方式（UDP、TCP 被动、TCP 主动），或选择其他码流。")
    case .deviceError:
      Words(
        "设备处理呼叫时出错（{status}）。",
        "重启设备；若仍出错，请附下方信令咨询厂家。")
    case .answerWithoutMedia:
      Words(
        "设备接受了呼叫，但应答中没有媒体信息，也没有收到码流。",
        "升级设备固件，或为其固定另一种媒体传输方式。")
    case .noResources:
      Words(
        "本平台的 {what} 已用尽。",
        "关闭部分码流或提高上限。")
    case .unreachableAddress:
      Words(
        "平台让设备把码流发到 {ours}，而设备所在的 {theirs} 无法到达该地址。",
        "将配置项 advertise 设为设备能够到达的平台地址。")
    case .mediaBlocked:
      Words(
        "设备接受了呼叫，但没有任何数据到达 {address} 的 {port} 端口。",
        "放行到本机的 {port} 端口（UDP 和 TCP），且不要映射成其他端口号。")
    case .connectionFailed:
      Words(
        "{port} 端口上未能建立媒体连接（{error}）。",
        "放行 TCP {port}；若设备无法主动连接，可为其固定 TCP 主动或 UDP。")
    case .mediaFromElsewhere:
      Words(
        "码流来自 {address}，与呼叫的对端不符，已拒收。",
        "若确为该设备所发，请让其从该地址注册，或在 SDP 中写明该地址。")
    case .wrongStreamNumber:
      Words(
        "设备使用了不属于任何呼叫的流编号（SSRC）{number}。",
        "设备可能仍在发送已结束的呼叫：请重启设备或改用 TCP。")
    case .heavyLoss:
      Words(
        "途中丢包 {percent}%。",
        "改用 TCP、选用子码流，或检修网络。")
    case .mediaStopped:
      Words(
        "曾收到图像，随后中断。",
        "检查摄像机线路；平台会自动重新呼叫。")
    case .hungUp:
      Words(
        "设备主动结束了码流。",
        "设备可能限制了观看时长或路数，请查看其菜单。")
    case .encrypted:
      Words(
        "设备发送的是加密或私有码流（{what}）。",
        "在设备上关闭码流加密和私有码流。")
    case .unsupportedCodec:
      Words(
        "设备发送的 {what} 无法显示。",
        "将视频编码设为 H.264 或 H.265，音频设为 G.711 或 AAC。")
    case .noKeyFrame:
      Words(
        "收到 {packets} 个数据包，但没有可起播的关键帧。",
        "缩短设备的关键帧间隔（通常为两秒）。")
    case .notAStream:
      Words(
        "收到 {packets} 个数据包，但其中没有符合标准的码流。",
        "确认没有其他程序向媒体端口发送数据，且设备以 RTP 封装 PS 码流。")
    case .transcodingFull:
      Words(
        "该浏览器不支持 H.265，且转码路数已满。",
        "使用支持 H.265 的浏览器、关闭其他转码画面，或选用 H.264 子码流。")
    }
  }
}
